<?php
// Everything that belongs to the person who is logged in.

$person = person_or_login();
$links = [
    '/mypage_profile' => ['My profile', 'プロフィール', 'How clients see you'],
    '/message_board' => ['Messages', 'メッセージ', 'What was asked and answered'],
    '/work_search' => ['Find work', 'さがす', 'What others need made'],
    '/work_create_start' => ['Post work', 'たのむ', 'Say what you need made'],
];

page_begin('My page');
?>
<h1>Good to see you, <?= e($person['name']) ?>. <small lang="ja">マイページ</small></h1>
<ul class="cards">
<?php foreach ($links as $path => [$name, $japanese, $what]): ?>
  <li class="card"><h3><a href="<?= e($path) ?>"><?= e($name) ?></a> <small lang="ja"><?= e($japanese) ?></small></h3><p><?= e($what) ?></p></li>
<?php endforeach ?>
</ul>
<form method="post" action="/user_login"><button class="button quiet" name="leave" value="1">Log out</button></form>
<?php
page_end();
