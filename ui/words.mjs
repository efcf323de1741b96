// words.mjs: words/words.ltsv into one module per language. The build stops, with every mistake at once, on a message
// that is missing in a language, unused, longer than its place, or with other parameters than in the other language.
//
//     key:home.needs	en:{n#} {n|thing needs|things need} you.	ja:対応待ちが{n}件あります。	fit:40
//
// {n} is the parameter, {n#} its number as a word that begins a sentence (English to twelve), {n|one|more} the word
// that goes with it; a brace that is none of these is a mistake. What a message needs is a type of TypeScript too
// (words.types.ts), so that a page cannot say it without. fit: the widest it may be, in columns, a Japanese letter being two; a parameter counts as four.
import { readFileSync, readdirSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const languages = ["en", "ja"];
const parameter_columns = 4;
const parameter = /\{([a-z_][a-z0-9_]*)(?:#|\|[^|{}]*\|[^|{}]*)?\}/g; // as src/words.ts fills it

export function read_words(text) {
    const rows = [];
    const wrong = [];
    text.split("\n").forEach((line, i) => {
        if (!line || line.startsWith("#")) return;
        const row = { line: i + 1 };
        for (const cell of line.split("\t")) {
            const colon = cell.indexOf(":");
            if (colon < 1) wrong.push(`words.ltsv:${i + 1}: "${cell}" is no label:value`);
            else row[cell.slice(0, colon)] = cell.slice(colon + 1);
        }
        rows.push(row);
    });
    return { rows, wrong };
}

function parameters(text) {
    return [...new Set([...text.matchAll(parameter)].map((m) => m[1]))].sort();
}

// A brace that is part of no parameter would be shown as it stands.
function stray(text) {
    return text.replace(parameter, "").match(/[{}].*/)?.[0] ?? null;
}

// Wide: CJK, kana, full-width forms.
function columns(text) {
    const longest = text.replace(/\{[a-z0-9_]+\|([^|}]*)\|([^|}]*)\}/g, (_, one, more) =>
        one.length > more.length ? one : more,
    );
    const plain = longest.replace(parameter, "x".repeat(parameter_columns));
    let n = 0;
    for (const c of plain)
        n += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
            c,
        )
            ? 2
            : 1;
    return n;
}

export function check_rows(rows) {
    const wrong = [];
    const seen = new Map();
    for (const row of rows) {
        const at = `words.ltsv:${row.line}: `;
        if (!row.key) {
            wrong.push(at + "no key");
            continue;
        }
        if (seen.has(row.key)) wrong.push(`${at}${row.key} stands in line ${seen.get(row.key)} already`);
        seen.set(row.key, row.line);
        for (const label of Object.keys(row))
            if (!["line", "key", "fit", ...languages].includes(label)) wrong.push(`${at}unknown label "${label}"`);
        for (const l of languages) {
            if (!row[l]) wrong.push(`${at}${row.key} has no ${l}`);
            else if (`${parameters(row[l])}` !== `${parameters(row.en ?? "")}`)
                wrong.push(
                    `${at}${row.key}: ${l} has {${parameters(row[l])}}, en has {${parameters(row.en ?? "")}}`,
                );
            if (row[l] && stray(row[l]))
                wrong.push(`${at}${row.key}: ${l} has "${stray(row[l])}", which is no parameter`);
            if (row.fit && row[l] && columns(row[l]) > Number(row.fit))
                wrong.push(`${at}${row.key}: ${l} is ${columns(row[l])} columns wide, its place has ${row.fit}`);
        }
    }
    return wrong;
}

// say("home.calm") names a message; say_of("state", x) and say_or(...) name all that begin with "state.".
export function uses(sources) {
    const keys = new Map();
    const families = new Map();
    for (const { name, text } of sources) {
        for (const m of text.matchAll(/\bsay\(\s*"([a-z0-9_.]+)"/g)) keys.set(m[1], name);
        for (const m of text.matchAll(
            /\b(?:words|title|label|press|effect|ask|hint|group):\s*"([a-z0-9_]+\.[a-z0-9_.]+)"/g,
        ))
            keys.set(m[1], name);
        for (const m of text.matchAll(/\bsay_o[fr]\(\s*"([a-z0-9_.]+)"/g)) families.set(m[1], name);
    }
    return { keys, families };
}

export function check_uses(rows, { keys, families }) {
    const wrong = [];
    const have = new Set(rows.map((r) => r.key));
    for (const [key, name] of keys)
        if (!have.has(key)) wrong.push(`${name}: there is no message "${key}" in words.ltsv`);
    for (const [family, name] of families)
        if (![...have].some((k) => k.startsWith(family + ".")))
            wrong.push(`${name}: no message begins with "${family}."`);
    for (const row of rows)
        if (row.key && !keys.has(row.key) && ![...families.keys()].some((f) => row.key.startsWith(f + ".")))
            wrong.push(`words.ltsv:${row.line}: ${row.key} is not used anywhere`);
    return wrong;
}

// What each message needs: interface Said { "home.needs": { n: number }; "home.calm": {} }
function types_of(rows) {
    const one = (row) => {
        const counted = new Set([...row.en.matchAll(/\{([a-z0-9_]+)[#|]/g)].map((m) => m[1]));
        const all = parameters(row.en).map((p) => `${p}: ${counted.has(p) ? "number" : "string | number"}`);
        return `    "${row.key}": {${all.length ? ` ${all.join("; ")} ` : ""}};\n`;
    };
    const said = rows.filter((r) => r.key && r.en).map(one);
    return `export interface Said {\n${said.join("")}}\n`;
}

function sources_below(dir) {
    return readdirSync(dir, { withFileTypes: true }).flatMap((f) =>
        f.isDirectory()
            ? sources_below(join(dir, f.name))
            : /\.tsx?$/.test(f.name)
              ? [{ name: join(dir, f.name), text: readFileSync(join(dir, f.name), "utf8") }]
              : [],
    );
}

// Writes OUT/words.en.ts and the others, and OUT/words.types.ts; returns the mistakes.
export function make_words(ui, out) {
    const { rows, wrong } = read_words(readFileSync(join(ui, "words/words.ltsv"), "utf8"));
    wrong.push(...check_rows(rows), ...check_uses(rows, uses(sources_below(join(ui, "src")))));
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "words.types.ts"), types_of(rows));
    for (const l of languages) {
        const all = Object.fromEntries(rows.map((r) => [r.key, r[l]]));
        writeFileSync(
            join(out, `words.${l}.ts`),
            `export const words: Record<string, string> = ${JSON.stringify(all, null, 1)};\n`,
        );
    }
    return wrong;
}
