<?php
// The page around every screen, and the few things that all of them need.

declare(strict_types=1);

// For HTML: whatever a visitor wrote stays text.
function e(string|int $text): string
{
    return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE);
}

// One value of the query or the form, as text of bounded length; never an array, never broken UTF-8.
function asked(string $name, int $max = 100): string
{
    $value = $_POST[$name] ?? $_GET[$name] ?? '';
    return is_string($value) ? mb_cut(trim($value), $max) : '';
}

// mbstring is not installed everywhere; u-patterns know characters just as well.
function mb_cut(string $text, int $max): string
{
    return preg_match("/^.{0,$max}/su", $text, $found) ? $found[0] : '';
}

function yen(int $amount): string
{
    return '¥' . number_format($amount);
}

// The release system leaves one line at the root of the tree: service:web, release:2, rev:..., divided by tabs.
function release_number(): string
{
    $line = @file_get_contents(__DIR__ . '/../RELEASE');
    return $line !== false && preg_match('/(?:^|\t)release:(\d+)/', $line, $found) ? $found[1] : 'unknown';
}

function host_name(): string
{
    return $_SERVER['HOST_NAME'] ?? $_SERVER['SERVER_ADDR'] ?? 'this host';
}

function stylesheet(): string
{
    $manifest = @file_get_contents(__DIR__ . '/../public/build/manifest.json');
    return json_decode($manifest ?: '{}', true)['kotori.css'] ?? '';
}

// Browsers say where a form comes from. Tools like curl say nothing, and nobody can make a visitor use curl.
function from_our_own_page(): bool
{
    $origin = $_SERVER['HTTP_ORIGIN'] ?? null;
    return $origin === null || preg_replace('~^https?://~', '', $origin) === ($_SERVER['HTTP_HOST'] ?? '');
}

function redirect(string $path): never
{
    header("Location: $path", true, 303);
    exit;
}

function refuse(int $status, string $sentence): never
{
    http_response_code($status);
    page_begin('Sorry');
    echo '<p class="note bad">', e($sentence), '</p>';
    page_end();
    exit;
}

function page_begin(string $title): void
{
    $person = current_person();
    visitor_for_the_log($person);
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: private, no-cache');
    header("Content-Security-Policy: default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    ?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><?= e($title) ?> - Kotori</title>
<link rel="icon" href="/favicon.svg">
<?php if (stylesheet() !== ''): ?>
<link rel="stylesheet" href="/build/<?= e(stylesheet()) ?>">
<?php endif ?>
<header class="top">
  <a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28"> Kotori <small lang="ja">ことり</small></a>
  <nav>
    <a href="/work_search">Find work <small lang="ja">さがす</small></a>
    <a href="/work_create_start">Post work <small lang="ja">たのむ</small></a>
    <a href="/message_board">Messages</a>
<?php if ($person): ?>
    <a class="me" href="/mypage_menu"><span class="face"><?= e($person['initials']) ?></span><?= e($person['name']) ?></a>
<?php else: ?>
    <a class="button small" href="/user_login">Log in</a>
<?php endif ?>
  </nav>
</header>
<main>
<?php
}

function page_end(): void
{
    ?>
</main>
<footer>
  <span>Kotori, a place to find work. <span lang="ja">しごとの、とまり木。</span></span>
  <span class="release">release <?= e(release_number()) ?> on <?= e(host_name()) ?></span>
</footer>
</html>
<?php
}

// The web server writes these into its access log and keeps them from the visitor.
function visitor_for_the_log(?array $person): void
{
    $visitor = $_COOKIE['kotori_visitor'] ?? '';
    if (!is_string($visitor) || !preg_match('/^[0-9a-f]{16}$/', $visitor)) {
        $visitor = bin2hex(random_bytes(8));
        setcookie('kotori_visitor', $visitor, ['path' => '/', 'httponly' => true, 'samesite' => 'Lax', 'expires' => time() + 86400 * 365]);
    }
    header("X-Log-Alternative-Id: $visitor");
    if ($person) {
        header('X-Log-User-Id: ' . $person['id']);
    }
}
