<?php
// The works people offer here, newest first, and the search over them.

declare(strict_types=1);

const CATEGORIES = [
    'design' => ['Design', 'デザイン'],
    'web' => ['Web', 'ウェブ'],
    'writer' => ['Writing', 'ライティング'],
    'translation' => ['Translation', '翻訳'],
    'task' => ['Small tasks', 'タスク'],
];

const WORKS = [
    ['id' => 214, 'category' => 'design', 'title' => 'A logo for a coffee roaster in Onomichi', 'client' => 'Nami Coffee', 'price' => 60000, 'days' => 12, 'remote' => true, 'text' => 'One mark, two colours, good on a paper bag. We love boats and dislike beans.'],
    ['id' => 213, 'category' => 'web', 'title' => 'Make our booking form work on phones', 'client' => 'Yamabiko Inn', 'price' => 85000, 'days' => 9, 'remote' => true, 'text' => 'Guests give up at the calendar. Plain PHP, one form, one table.'],
    ['id' => 212, 'category' => 'translation', 'title' => 'Menu of 40 dishes, Japanese to English', 'client' => 'Izakaya Maru', 'price' => 24000, 'days' => 5, 'remote' => true, 'text' => 'Short, appetising, honest about raw fish. Allergens matter.'],
    ['id' => 211, 'category' => 'task', 'title' => 'Photograph 120 used books', 'client' => 'Kagerou Books', 'price' => 18000, 'days' => 4, 'remote' => false, 'text' => 'Two afternoons in our shop in Jinbocho. We have the light and the table.'],
    ['id' => 210, 'category' => 'writer', 'title' => 'Four stories about people who repair things', 'client' => 'Tsugite Magazine', 'price' => 96000, 'days' => 30, 'remote' => false, 'text' => 'A visit, a talk, 1,200 words each. Travel is paid.'],
    ['id' => 209, 'category' => 'web', 'title' => 'Find out why our search is slow', 'client' => 'Hoshi Stationery', 'price' => 120000, 'days' => 14, 'remote' => true, 'text' => '60,000 products, three seconds for a page. We want to understand, not only to buy memory.'],
    ['id' => 208, 'category' => 'design', 'title' => 'Icons for a weather app, 24 pieces', 'client' => 'Asagiri Labs', 'price' => 72000, 'days' => 20, 'remote' => true, 'text' => 'Line icons that survive 16 pixels. Typhoon included.'],
    ['id' => 207, 'category' => 'task', 'title' => 'Call 30 shops and ask for opening hours', 'client' => 'Machi Map', 'price' => 12000, 'days' => 3, 'remote' => true, 'text' => 'Friendly voice, tidy spreadsheet. New Year holidays are the hard part.'],
    ['id' => 206, 'category' => 'translation', 'title' => 'Manual of a rice mill, 60 pages', 'client' => 'Inaho Works', 'price' => 180000, 'days' => 28, 'remote' => true, 'text' => 'To English and Vietnamese. Drawings exist, terms are listed.'],
    ['id' => 205, 'category' => 'writer', 'title' => 'Product texts for 50 wooden toys', 'client' => 'Donguri', 'price' => 55000, 'days' => 10, 'remote' => true, 'text' => 'For parents at midnight: what it is, from which age, why it lasts.'],
    ['id' => 204, 'category' => 'design', 'title' => 'Poster for a summer concert', 'client' => 'Minato Hall', 'price' => 40000, 'days' => 8, 'remote' => true, 'text' => 'B2, must work from across the street.'],
    ['id' => 203, 'category' => 'web', 'title' => 'Move a blog of 900 posts', 'client' => 'Ueda Family Farm', 'price' => 64000, 'days' => 18, 'remote' => true, 'text' => 'No link may break. Half of the pictures are larger than the farm.'],
];

function works_found(string $category, string $words): array
{
    return array_values(array_filter(WORKS, fn (array $work): bool =>
        ($category === '' || $work['category'] === $category)
        && ($words === '' || stripos("$work[title] $work[client] $work[text]", $words) !== false)));
}

function work(int $id): ?array
{
    return array_column(WORKS, null, 'id')[$id] ?? null;
}

function work_cards(array $works): void
{
    echo "<ul class=\"cards\">\n";
    foreach ($works as $work) {
        [$category] = CATEGORIES[$work['category']];
        ?>
  <li class="card">
    <p class="kind <?= e($work['category']) ?>"><?= e($category) ?><?= $work['remote'] ? '' : ', on site' ?></p>
    <h3><a href="/message_board?work=<?= e($work['id']) ?>"><?= e($work['title']) ?></a></h3>
    <p><?= e($work['text']) ?></p>
    <p class="facts"><b><?= e(yen($work['price'])) ?></b><span><?= e($work['days']) ?> days left</span><span><?= e($work['client']) ?></span></p>
  </li>
<?php
    }
    echo "</ul>\n";
}
