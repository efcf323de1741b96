<?php
// Questions and answers, about one work or about everything.

$about = work((int) asked('work', 9));
$id = $about['id'] ?? 0;
$person = current_person();
$text = asked('text', 500);

if ($posted && !$person) {
    redirect('/user_login');
}
if ($posted && $text === '') {
    refuse(422, 'The message was empty, so it was not kept.');
}
if ($posted) {
    message_add($person, $id, $text) || refuse(503, 'The message could not be kept: the shared storage does not answer.');
    redirect('/message_board' . ($id ? "?work=$id" : ''));
}

page_begin('Messages');
?>
<h1>Messages <small lang="ja">メッセージ</small></h1>
<?php if ($about): work_cards([$about]); endif ?>
<?php if ($person): ?>
<form class="form" method="post">
  <label>Write as <?= e($person['name']) ?><textarea name="text" rows="3" maxlength="500" required></textarea></label>
  <button class="button">Send</button>
</form>
<?php else: ?>
<p class="note"><a href="/user_login">Log in</a> to write.</p>
<?php endif ?>
<ul class="messages">
<?php foreach (messages($id) as $message): $who = person($message['who']); ?>
  <li>
    <span class="face"><?= e($who['initials'] ?? '?') ?></span>
    <p><b><?= e($who['name'] ?? 'Somebody') ?></b> <small><?= e(date('j M H:i', $message['at'])) ?>, written on <?= e($message['host']) ?></small><br><?= nl2br(e($message['text'])) ?></p>
  </li>
<?php endforeach ?>
</ul>
<?php
page_end();
