<?php
// Login without a password: this is a demo, and a visitor only chooses whom to be.

const LOGIN_COOKIE = ['path' => '/', 'httponly' => true, 'samesite' => 'Lax'];

if ($posted && asked('leave') !== '') {
    setcookie('kotori_user', '', ['expires' => 1] + LOGIN_COOKIE);
    redirect('/');
}
if ($posted) {
    $chosen = person(asked('who')) ?? refuse(422, 'Nobody of that name lives here.');
    setcookie('kotori_user', $chosen['key'], LOGIN_COOKIE);
    redirect('/mypage_menu');
}

page_begin('Log in');
?>
<h1>Log in <small lang="ja">ログイン</small></h1>
<p class="note">A demo keeps no passwords. Choose whom to be.</p>
<form class="cards" method="post">
<?php foreach (PEOPLE as $key => $person): ?>
  <button class="card who" name="who" value="<?= e($key) ?>">
    <span class="face large"><?= e($person['initials']) ?></span>
    <span><b><?= e($person['name']) ?></b><br><?= e($person['role']) ?>, <?= e($person['town']) ?></span>
  </button>
<?php endforeach ?>
</form>
<?php
page_end();
