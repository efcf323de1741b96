<?php
// One's own profile, as clients see it.

$person = person_or_login();

page_begin('My profile');
?>
<section class="profile">
  <span class="face huge"><?= e($person['initials']) ?></span>
  <div>
    <h1><?= e($person['name']) ?></h1>
    <p class="sub"><?= e($person['role']) ?>, <?= e($person['town']) ?></p>
    <p><?= e($person['about']) ?></p>
    <p class="chips"><?php foreach ($person['skills'] as $skill): ?><span><?= e($skill) ?></span><?php endforeach ?></p>
  </div>
  <dl>
    <div><dt>Works done <small lang="ja">実績</small></dt><dd><?= e($person['done']) ?></dd></div>
    <div><dt>Stars <small lang="ja">評価</small></dt><dd><?= e($person['stars']) ?></dd></div>
  </dl>
</section>
<?php
page_end();
