// looks.mjs: every page, light and dark, in English and Japanese, from desk to phone: nothing on the console, nothing
// from outside, nothing that axe minds, nothing that scrolls sideways, no message without words.
//
//     node looks.mjs DOOR PATH...
import { close, fail, open } from "./stage.mjs";

const [door, ...paths] = process.argv.slice(2);
const keyed =
    /\b(?:home|page|panel|release|releases|state|told|do|facts|hosts|output|sign|menu|ask|pages|worse|people|invited|audit|me|token|span|example|back|may)\.[a-z_]+(?:\.[a-z]+)?\b/;

for (const language of ["en", "ja"])
    for (const theme of ["light", "dark"])
        for (const width of language === "en" ? [1440, 1024, 390, 320] : [1440, 390]) {
            const known = await open(door, { theme, language, width });
            for (const path of paths) {
                // What strangers see is looked at by a stranger.
                const b =
                    path === "/sign-in" ? await open(door, { theme, language, width, signed_in: false }) : known;
                await b.go(path);
                await b.no_sideways(path);
                if (width === 1440 || width === 390) await b.axe(path);
                const text = await b.page.locator("body").innerText();
                const bare = keyed.exec(text);
                if (bare) fail(`${b.name} ${path}: a message has no words: ${bare[0]}`);
                if (b !== known) await b.page.context().close();
            }
            await known.page.context().close();
        }
await close();
