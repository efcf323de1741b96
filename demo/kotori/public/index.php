<?php
// Every request starts here. The path names the screen; a screen is one file that reads the request and prints a page.
// Files are found from __DIR__, so one answer is made of one release even while another one is being switched to.

declare(strict_types=1);

require __DIR__ . '/../src/page.php';
require __DIR__ . '/../src/people.php';
require __DIR__ . '/../src/works.php';
require __DIR__ . '/../src/messages.php';

const SCREENS = [
    '/' => 'top',
    '/up' => 'up',
    '/user_login' => 'user_login',
    '/work_search' => 'work_search',
    '/work_create_start' => 'work_create_start',
    '/mypage_profile' => 'mypage_profile',
    '/mypage_menu' => 'mypage_menu',
    '/message_board' => 'message_board',
];

header('X-Release: ' . release_number());
header('X-Host: ' . host_name());

$path = parse_url($_SERVER['REQUEST_URI'] ?? '/', PHP_URL_PATH) ?: '/';
$posted = $_SERVER['REQUEST_METHOD'] === 'POST';

if ($posted && !from_our_own_page()) {
    refuse(403, 'That form was not sent from Kotori, so nothing was done.');
}
require __DIR__ . '/../screens/' . (SCREENS[$path] ?? 'not_found') . '.php';
