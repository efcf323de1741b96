// ui.mjs: contrasts of the token table, the build's refusals of bad words, and how large the first page is.
import { readFileSync } from "node:fs";
import { check_rows, check_uses, read_words, uses } from "../../../ui/words.mjs";

let failed = 0;
function fail(sentence) {
    console.log(`FAIL ui: ${sentence}`);
    failed++;
}

// ---- contrast (WCAG 2.2, 1.4.3 and 1.4.11): [ink, ground, floor]
const pairs = [
    ["ink", "bg", 7],
    ["ink-2", "bg", 4.5],
    ["ink-3", "bg", 4.5],
    ["ink-3", "sunken", 4.5],
    ["ink-3", "surface", 4.5],
    ["ink-2", "sunken", 4.5],
    ["accent", "surface", 4.5],
    ["accent", "bg", 4.5],
    ["accent", "accent-bg", 4.5],
    ["on-accent", "accent", 4.5],
    ["ok", "ok-bg", 4.5],
    ["warn", "warn-bg", 4.5],
    ["bad", "bad-bg", 4.5],
    ["ok", "surface", 4.5],
    ["warn", "surface", 4.5],
    ["bad", "surface", 4.5],
    ["ink", "ok-bg", 4.5],
    ["ink", "warn-bg", 4.5],
    ["ink", "bad-bg", 4.5],
    ["control", "surface", 3],
    ["control", "bg", 3],
    ["ok-fill", "surface", 3],
    ["warn-fill", "surface", 3],
    ["bad-fill", "surface", 3],
    ["on-fill", "ok-fill", 3],
    ["on-warn", "warn-fill", 3],
    ["on-fill", "bad-fill", 3],
    ["lamp-line", "surface", 3],
    ["series-1", "surface", 3],
    ["series-2", "surface", 3],
    ["series-3", "surface", 3],
    ["series-4", "surface", 3],
    ["series-5", "surface", 3],
    ["series-6", "surface", 3],
    ["code-word", "surface", 4.5],
    ["code-text", "surface", 4.5],
    ["code-number", "surface", 4.5],
    ["code-function", "surface", 4.5],
    ["code-note", "surface", 4.5],
];

function tokens(block) {
    return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})/g)].map((m) => [m[1], m[2]]));
}
function luminance(hex) {
    const full = hex.length === 4 ? [...hex.slice(1)].map((c) => c + c).join("") : hex.slice(1);
    const [r, g, b] = [0, 2, 4]
        .map((i) => parseInt(full.slice(i, i + 2), 16) / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
export function contrast(a, b) {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
}
const css = readFileSync("ui/style/tokens.css", "utf8");
const [light, dark] = [...css.matchAll(/:root[^{]*\{([^}]*)\}/g)].map((m) => tokens(m[1]));
for (const [name, table] of [
    ["light", light],
    ["dark", dark],
])
    for (const [ink, ground, floor] of pairs) {
        const c = table[ink] && table[ground] ? contrast(table[ink], table[ground]) : 0;
        if (c < floor) fail(`${name}: ${ink} on ${ground} has ${c.toFixed(2)}, wanted ${floor}`);
    }
if (Math.abs(contrast("#000", "#fff") - 21) > 0.01) fail("black on white is not 21");
for (const file of ["base", "shell", "parts", "pages", "log", "narrow"]) {
    const text = readFileSync(`ui/style/${file}.css`, "utf8");
    for (const m of text.matchAll(/#[0-9a-f]{3,8}\b/gi)) fail(`${file}.css: ${m[0]} is not from the token table`);
    for (const m of text.matchAll(/var\(--([a-z0-9-]+)/g))
        if (!light[m[1]] && !["sans", "mono", "zones"].includes(m[1])) fail(`${file}.css: there is no --${m[1]}`);
}

// ---- words that the build must refuse, and why
const refused = [
    ["key:a\ten:A", "a has no ja"],
    ["key:a\ten:{n} of it\tja:それ", "ja has {}, en has {n}"],
    ["key:a\ten:A\tja:あいうえお\tfit:8", "ja is 10 columns wide, its place has 8"],
    ["key:a\ten:A\tja:あ\nkey:a\ten:B\tja:い", "stands in line 1 already"],
    ["key:a\ten:A\tja:あ\tfr:A", 'unknown label "fr"'],
    ["key:a\ten:p95 {now_p95}\tja:p95", "ja has {}, en has {now_p95}"],
    ["key:a\ten:{Now} and {n|one}\tja:あ", 'en has "{Now} and {n|one}", which is no parameter'],
];
for (const [text, why] of refused) {
    const wrong = check_rows(read_words(text).rows);
    if (wrong.length !== 1 || !wrong[0].includes(why))
        fail(`"${text}" is refused with ${JSON.stringify(wrong)}, wanted "${why}"`);
}
const used = uses([{ name: "x.tsx", text: 'say("a.b") say_of("state", s)' }]);
const wrong = check_uses(read_words("key:a.c\ten:x\tja:x\nkey:state.done\ten:x\tja:x").rows, used);
if (wrong.length !== 2 || !wrong[0].includes('no message "a.b"') || !wrong[1].includes("a.c is not used"))
    fail(`uses: ${JSON.stringify(wrong)}`);

// ---- sizes, gzip: what the first page needs, and no file more than it may
const sizes = JSON.parse(readFileSync("build/ui/sizes.json", "utf8"));
const named = (start) => sizes.find((x) => x.path.startsWith(start)).path;
const size_of = (path) => sizes.find((x) => x.path === path).gzip;
// A file and all that it asks for before it begins.
function needed(path, seen = new Set()) {
    if (seen.has(path)) return seen;
    seen.add(path);
    const text = readFileSync(`build/ui/dist/${path.slice("/assets/".length)}`, "utf8");
    for (const m of text.matchAll(/(?:from|import)"(?:\.|\/assets)\/([^"]+\.js)"/g))
        needed(`/assets/${m[1]}`, seen);
    return seen;
}
const first = needed(named("/assets/main-"));
for (const l of ["en", "ja"]) {
    const files = ["", named("/assets/style-"), named(`/assets/words.${l}-`), ...first];
    const bytes = files.reduce((n, path) => n + size_of(path), 0);
    if (bytes > 60_000) fail(`the first page is ${bytes} bytes in ${l}, wanted 60,000 at most`);
    if (files.length > 6) fail(`the first page is ${files.length} files, wanted 6 at most`);
}
const limits = { style: 9_000, plot: 25_000, editor: 130_000, later: 20_000 };
for (const { path, gzip } of sizes) {
    const name = /^\/assets\/([a-z-]+)-[^-]+$/.exec(path)?.[1] ?? "";
    if (first.has(path) || /^words/.test(name)) continue;
    const limit = limits[name] ?? 12_000;
    if (gzip > limit) fail(`${path} is ${gzip} bytes, wanted ${limit} at most`);
}
process.exit(failed ? 1 : 0);
