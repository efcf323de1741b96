<?php
// Messages, one JSON line each, in storage/: the directory that all releases and all hosts share.
// Writers take a lock and readers do not need one: a line is written whole or is not there.

declare(strict_types=1);

const MESSAGES_FILE = __DIR__ . '/../storage/messages.jsonl';
const MESSAGES_MAX_BYTES = 262144;      // then the older half goes; a demo has no archive
const MESSAGES_SHOWN = 30;

// Newest first; of one work, or of all when $work is 0.
function messages(int $work): array
{
    $lines = @file(MESSAGES_FILE, FILE_IGNORE_NEW_LINES) ?: [];
    $all = array_filter(array_map(fn (string $line) => json_decode($line, true), $lines), 'is_array');
    $of_it = array_filter($all, fn (array $message): bool => $work === 0 || $message['work'] === $work);
    return array_slice(array_reverse($of_it), 0, MESSAGES_SHOWN);
}

// False when the shared directory is missing or cannot be written: the visitor is told, nothing else is harmed.
function message_add(array $person, int $work, string $text): bool
{
    $file = @fopen(MESSAGES_FILE, 'c+');
    if (!$file || !flock($file, LOCK_EX)) {
        return false;
    }
    if (fstat($file)['size'] > MESSAGES_MAX_BYTES) {
        messages_halve($file);
    }
    fseek($file, 0, SEEK_END);
    $message = ['at' => time(), 'who' => $person['key'], 'work' => $work, 'text' => $text, 'host' => host_name()];
    return fwrite($file, json_encode($message, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE) . "\n") !== false
        && fclose($file);
}

function messages_halve($file): void
{
    $lines = explode("\n", rtrim(stream_get_contents($file), "\n"));
    $kept = array_slice($lines, intdiv(count($lines), 2));
    ftruncate($file, 0);
    rewind($file);
    fwrite($file, implode("\n", $kept) . "\n");
}
