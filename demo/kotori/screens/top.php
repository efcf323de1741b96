<?php
// The first thing a visitor sees: what this is, where to look, what is new.

page_begin('Find work that fits');
?>
<section class="hero">
  <p class="eyebrow" lang="ja">しごとを、さがそう。</p>
  <h1>Small works, good people.</h1>
  <p>Find somebody to make it, or make it for somebody.</p>
  <form class="search" action="/work_search">
    <input name="q" placeholder="logo, menu, slow page..." aria-label="Search works" maxlength="100">
    <button class="button">Search</button>
  </form>
</section>
<section>
  <h2>Categories <small lang="ja">カテゴリー</small></h2>
  <ul class="tiles">
<?php foreach (CATEGORIES as $key => [$name, $japanese]): ?>
    <li><a class="tile <?= e($key) ?>" href="/work_search?category=<?= e($key) ?>">
      <b><?= e($name) ?></b><span lang="ja"><?= e($japanese) ?></span><em><?= count(works_found($key, '')) ?></em></a></li>
<?php endforeach ?>
  </ul>
</section>
<section>
  <h2>New today <small lang="ja">新着</small></h2>
<?php work_cards(array_slice(WORKS, 0, 6)) ?>
</section>
<?php
page_end();
