<?php
// The first step of posting a work: what is needed, shown as others will see it. The demo ends before it is kept.

const TITLE_MIN = 8;
const PRICE_MIN = 5000;
const PRICE_MAX = 5000000;

$work = ['id' => 0, 'category' => asked('category'), 'title' => asked('title', 80), 'text' => asked('text', 300),
    'price' => (int) asked('price', 9), 'days' => 14, 'remote' => true, 'client' => current_person()['name'] ?? 'You'];
$wrong = array_filter([
    isset(CATEGORIES[$work['category']]) ? '' : 'Choose a category.',
    strlen($work['title']) >= TITLE_MIN ? '' : 'Give it a title that says what is needed, of ' . TITLE_MIN . ' letters or more.',
    $work['price'] >= PRICE_MIN && $work['price'] <= PRICE_MAX ? '' : 'Offer between ' . yen(PRICE_MIN) . ' and ' . yen(PRICE_MAX) . '.',
]);
if ($posted && $wrong) {
    http_response_code(422);
}

page_begin('Post work');
?>
<h1>Post work <small lang="ja">しごとをたのむ</small></h1>
<p class="sub">Step 1 of 3. Say what you need; people answer within a day.</p>
<?php if ($posted && $wrong): ?>
<p class="note bad"><?= e(implode(' ', $wrong)) ?></p>
<?php elseif ($posted): ?>
<p class="note good">This is how others will see it. The demo stops here, so nobody will.</p>
<?php work_cards([$work]); endif ?>
<form class="form" method="post">
  <label>Category <small lang="ja">カテゴリー</small>
    <select name="category">
<?php foreach (CATEGORIES as $key => [$name, $japanese]): ?>
      <option value="<?= e($key) ?>"<?= $work['category'] === $key ? ' selected' : '' ?>><?= e("$name $japanese") ?></option>
<?php endforeach ?>
    </select></label>
  <label>What do you need? <small lang="ja">タイトル</small><input name="title" value="<?= e($work['title']) ?>" maxlength="80"></label>
  <label>Tell more <small lang="ja">内容</small><textarea name="text" rows="4" maxlength="300"><?= e($work['text']) ?></textarea></label>
  <label>You offer, in yen <small lang="ja">予算</small><input name="price" type="number" min="<?= PRICE_MIN ?>" max="<?= PRICE_MAX ?>" step="1000" value="<?= e($work['price'] ?: 30000) ?>"></label>
  <button class="button">Look at it first</button>
</form>
<?php
page_end();
