<?php
// The people of Kotori. There is no database yet, so they are written here, and a login is only a choice.

declare(strict_types=1);

const PEOPLE = [
    'mei' => [
        'id' => 1041, 'name' => 'Sato Mei', 'initials' => 'SM', 'role' => 'Illustrator and web designer', 'town' => 'Kamakura',
        'about' => 'Twelve years of shop fronts, packages and small sites. I like briefs of one page and short meetings.',
        'skills' => ['Illustration', 'Figma', 'HTML and CSS'], 'done' => 86, 'stars' => '4.9',
    ],
    'ren' => [
        'id' => 1187, 'name' => 'Kato Ren', 'initials' => 'KR', 'role' => 'Web developer', 'town' => 'Sapporo',
        'about' => 'I mend what others left behind: slow pages, old PHP, forms that lose their data.',
        'skills' => ['PHP', 'SQL', 'Accessibility'], 'done' => 41, 'stars' => '4.8',
    ],
    'hana' => [
        'id' => 1320, 'name' => 'Ono Hana', 'initials' => 'OH', 'role' => 'Translator and writer', 'town' => 'Fukuoka',
        'about' => 'Japanese to English and back: manuals, menus, letters to customers.',
        'skills' => ['Translation', 'Editing', 'Interviews'], 'done' => 112, 'stars' => '5.0',
    ],
];

function person(string $key): ?array
{
    return isset(PEOPLE[$key]) ? PEOPLE[$key] + ['key' => $key] : null;
}

function current_person(): ?array
{
    $key = $_COOKIE['kotori_user'] ?? '';
    return is_string($key) ? person($key) : null;
}

function person_or_login(): array
{
    return current_person() ?? redirect('/user_login');
}
