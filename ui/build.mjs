// build.mjs: ui/ into build/ui: bundles with a hash in their name, each also as gzip and brotli, the shell, and
// assets.c, which puts them all into the program (web/asset.h). Called by scripts/ui, which has put the packages into
// OUT_DIR/npm.
//
//     node build.mjs UI_DIR OUT_DIR           OUT_DIR is relative to the root of the tree, where this is run
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { languages, make_words } from "./words.mjs";

const [ui, out] = process.argv.slice(2);
const esbuild = createRequire(resolve(out, "npm/package.json"))("esbuild");
const types = {
    js: "text/javascript; charset=utf-8",
    css: "text/css; charset=utf-8",
    svg: "image/svg+xml",
    html: "text/html; charset=utf-8",
};

function stop(mistakes) {
    for (const m of mistakes) console.error(m);
    process.exit(1);
}

function hash(bytes) {
    return createHash("sha256").update(bytes).digest("hex").slice(0, 10);
}

async function bundle() {
    const made = await esbuild.build({
        entryPoints: { main: join(ui, "src/main.tsx"), style: join(ui, "style/all.css") },
        alias: Object.fromEntries(languages.map((l) => [`words-${l}`, resolve(out, `gen/words.${l}.ts`)])),
        nodePaths: [resolve(out, "npm/node_modules")],
        outdir: join(out, "dist"),
        write: false,
        bundle: true,
        splitting: true,
        format: "esm",
        minify: true,
        target: ["chrome110", "firefox115", "safari16.4"],
        jsx: "automatic",
        jsxImportSource: "preact",
        chunkNames: "[name]-[hash]",
        entryNames: "[name]-[hash]",
        metafile: true,
        legalComments: "none",
        logLevel: "warning",
        charset: "utf8",
        publicPath: "/assets",
    });
    return made.outputFiles.map((f) => ({ name: basename(f.path), bytes: Buffer.from(f.contents) }));
}

// What a file asks for before it begins is named beside it, so that both come at once.
function needed(file) {
    return [...new Set([...file.bytes.toString().matchAll(/(?:from|import)"(\/assets\/[^"]+\.js)"/g)].map((m) => m[1]))];
}

function shell(files, icon) {
    const named = (start, end) => files.find((f) => f.name.startsWith(start) && f.name.endsWith(end)).name;
    const html = readFileSync(join(ui, "index.html"), "utf8")
        .replace("STYLE", named("style-", ".css"))
        .replace("MAIN", named("main-", ".js"))
        .replace("ICON", icon)
        .replace(
            "<!-- NEEDED -->",
            needed(files.find((f) => f.name.startsWith("main-")))
                .map((path) => `<link rel="modulepreload" href="${path}">`)
                .join("\n"),
        );
    return Buffer.from(html);
}

function pack(bytes) {
    const q = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    return { plain: bytes, gz: gzipSync(bytes, { level: 9 }), br: brotliCompressSync(bytes, { params: q }) };
}

const quoted = (s) => JSON.stringify(s);

// One row per file. The bytes come in by .incbin: read-only, and quick to build.
function assets_c(rows) {
    const lines = [
        "// Made by ui/build.mjs: the files of the pages. Not for editing.",
        '#include "web/asset.h"',
        "",
    ];
    rows.forEach((row, i) => {
        for (const how of ["plain", "gz", "br"])
            lines.push(
                `__asm__(".pushsection .rodata\\nui_${i}_${how}:\\n"`,
                `        ".incbin \\"${row.files[how].path}\\"\\n.popsection\\n");`,
                `extern const char ui_${i}_${how}[] __attribute__((visibility("hidden")));`,
            );
    });
    lines.push("", "const struct asset assets[] = {");
    rows.forEach((row, i) => {
        const body = ["plain", "gz", "br"].map((how) => `{ui_${i}_${how}, ${row.files[how].size}}`).join(", ");
        lines.push(`    {${quoted(row.path)}, ${quoted(row.type)}, ${quoted(row.hash)}, {${body}}},`);
    });
    lines.push("    {0}};", "");
    return lines.join("\n");
}

function keep(name, path, bytes) {
    const packed = pack(bytes);
    const files = {};
    for (const how of ["plain", "gz", "br"]) {
        const file = join(out, "dist", how === "plain" ? name : `${name}.${how}`);
        writeFileSync(file, packed[how]);
        files[how] = { path: file, size: packed[how].length };
    }
    return { path, type: types[name.split(".").pop()], hash: hash(bytes), files };
}

const wrong = make_words(ui, join(out, "gen"));
if (wrong.length) stop(wrong);
rmSync(join(out, "dist"), { recursive: true, force: true });
mkdirSync(join(out, "dist"), { recursive: true });
const files = await bundle();
const icon_bytes = readFileSync(join(ui, "icon.svg"));
const icon = `icon-${hash(icon_bytes)}.svg`;
const rows = [
    keep("index.html", "", shell(files, icon)),
    keep(icon, `/assets/${icon}`, icon_bytes),
    ...files.map((f) => keep(f.name, `/assets/${f.name}`, f.bytes)),
];
const sizes = rows.map((r) => ({
    path: r.path,
    bytes: r.files.plain.size,
    gzip: r.files.gz.size,
    brotli: r.files.br.size,
}));
writeFileSync(join(out, "sizes.json"), JSON.stringify(sizes, null, 1) + "\n");
writeFileSync(join(out, "assets.c"), assets_c(rows));
