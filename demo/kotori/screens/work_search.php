<?php
// Search over all works: one category or all, and words.

$category = isset(CATEGORIES[asked('category')]) ? asked('category') : '';
$words = asked('q');
$found = works_found($category, $words);
$asked = ['q' => $words];       // what a change of category keeps

page_begin('Find work');
?>
<h1>Find work <small lang="ja">しごとをさがす</small></h1>
<form class="search" action="/work_search">
  <input type="hidden" name="category" value="<?= e($category) ?>">
  <input name="q" value="<?= e($words) ?>" placeholder="logo, menu, slow page..." aria-label="Search works" maxlength="100">
  <button class="button">Search</button>
</form>
<nav class="tabs" aria-label="Categories">
  <a href="/work_search?<?= e(http_build_query($asked)) ?>"<?= $category === '' ? ' aria-current="page"' : '' ?>>All</a>
<?php foreach (CATEGORIES as $key => [$name]): ?>
  <a href="/work_search?<?= e(http_build_query(['category' => $key] + $asked)) ?>"<?= $category === $key ? ' aria-current="page"' : '' ?>><?= e($name) ?></a>
<?php endforeach ?>
</nav>
<p class="count"><?= count($found) ?> of <?= count(WORKS) ?> works</p>
<?php if ($found): work_cards($found); else: ?>
<p class="note">Nothing fits these words yet. Fewer words find more, or <a href="/work_create_start">post the work yourself</a>.</p>
<?php endif;
page_end();
