// looks.mjs: every page, light and dark, in English and Japanese, from desk to phone: nothing on the console, nothing
// from outside, nothing that axe minds, nothing that scrolls sideways, no message without words.
//
//     node looks.mjs DOOR PATH...
import { close, fail, open } from "./stage.mjs";

const [door, ...paths] = process.argv.slice(2);
const keyed =
    /\b(?:home|page|panel|release|releases|state|told|do|facts|hosts|output|sign|menu|ask|pages|worse|people|invited|audit|me|token|span|example|back|may|changes|compare|how|question)\.[a-z_]+(?:\.[a-z]+)?\b/;

const widths = [1440, 1024, 390, 320];
const between = [1024, 900, 820, 768]; // where the rail stands beside the page and little is left for it

// Words on a button, in the bar, at the head of a column: on one line, or the bar and the row grow with them.
const broken_words = () => {
    const found = new Set();
    for (const e of document.querySelectorAll("button, .btn, .top, thead th, .mark, .fig-name, .fig-value")) {
        const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
        for (let t; (t = texts.nextNode()); ) {
            const range = document.createRange();
            range.selectNodeContents(t);
            const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
            if (tops.size > 1 && !t.parentElement.closest(".unseen, .wraps, .audit-proof")) found.add(t.data);
        }
    }
    return [...found];
};
async function unbroken(b, path) {
    for (const width of between) {
        await b.page.setViewportSize({ width, height: 900 });
        await b.page.waitForTimeout(100);
        for (const text of await b.page.evaluate(broken_words))
            fail(`${b.look} ${width} ${path}: "${text}" breaks in two lines`);
    }
}

// Loaded at one width and looked at in all of them: a window that is made narrower is what people do.
async function look(b, path, language) {
    const size = b.page.viewportSize();
    await b.go(path);
    await b.page.evaluate(() => {
        globalThis.told = 0;
        const plain = history.replaceState;
        history.replaceState = function (...words) {
            globalThis.told++;
            plain.apply(this, words);
        };
    });
    for (const width of language === "en" ? widths : [1440, 390]) {
        b.name = `${b.look} ${width}`;
        await b.page.setViewportSize({ width, height: size.height });
        await b.page.waitForTimeout(150);
        await b.no_sideways(path);
        if (width === 1440 || width === 390) await b.axe(path);
    }
    if (b.look.startsWith("light")) await unbroken(b, path);
    await b.page.setViewportSize(size);
    const told = await b.page.evaluate(() => globalThis.told);
    if (told) fail(`${b.name} ${path}: its address is told ${told} times while it stands still`);
    const text = await b.page.locator("body").innerText();
    const bare = keyed.exec(text);
    if (bare) fail(`${b.name} ${path}: a message has no words: ${bare[0]}`);
    const empty = /\{[a-z0-9_]+[#|}]/.exec(text);
    if (empty) fail(`${b.name} ${path}: a message has a parameter that nobody gave: ${empty[0]}`);
}

for (const language of ["en", "ja"])
    for (const theme of ["light", "dark"]) {
        const known = await open(door, { theme, language });
        for (const path of paths) {
            // What strangers see is looked at by a stranger.
            const b = path === "/sign-in" ? await open(door, { theme, language, signed_in: false }) : known;
            b.look = `${theme} ${language}`;
            await look(b, path, language);
            if (b !== known) await b.page.context().close();
        }
        await known.page.context().close();
    }
// A phone from the start, for what only looks at its width once.
const phone = await open(door, { width: 390, height: 844 });
for (const path of paths.filter((p) => p !== "/sign-in")) {
    await phone.go(path);
    await phone.no_sideways(path);
    await phone.axe(path);
}
await close();
