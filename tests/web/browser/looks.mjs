// looks.mjs: every page, light and dark, in English and Japanese, from desk to phone: nothing on the console, nothing
// from outside, nothing that axe minds, nothing that scrolls sideways, no message without words.
//
//     node looks.mjs DOOR PATH...
import { close, fail, open } from "./stage.mjs";

const [door, ...paths] = process.argv.slice(2);
const keyed =
    /\b(?:home|page|panel|release|releases|state|told|do|facts|hosts|output|sign|menu|ask|pages|worse|people|invited|audit|me|token|span|example|back|may|changes|compare|how|question)\.[a-z_]+(?:\.[a-z]+)?\b/;

const widths = [1440, 1024, 390, 320];

// Loaded at one width and looked at in all of them: a window that is made narrower is what people do.
async function look(b, path, language) {
    const size = b.page.viewportSize();
    await b.go(path);
    for (const width of language === "en" ? widths : [1440, 390]) {
        b.name = `${b.look} ${width}`;
        await b.page.setViewportSize({ width, height: size.height });
        await b.page.waitForTimeout(150);
        await b.no_sideways(path);
        if (width === 1440 || width === 390) await b.axe(path);
    }
    await b.page.setViewportSize(size);
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
