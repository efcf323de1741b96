// foreign.mjs: what would turn the direction of text stands on the page by its name, and nowhere as itself.
//
//     node foreign.mjs DOOR
import { check, close, open, or } from "./stage.mjs";

const [door] = process.argv.slice(2);
const b = await open(door);
const within = { timeout: 20_000 };

async function shows(what, place, text) {
    const found = b.page.locator(place, { hasText: text }).first();
    await found.waitFor(within).catch(or(`${what}: ${place} has no ${text}`));
}

// Also where only a pointer or a screen reader comes by.
async function none_turns(path) {
    const raw = await b.page.evaluate(() => {
        const turns = /[\u202a-\u202e\u2066-\u2069]/;
        const said = [...document.querySelectorAll("[title], [aria-label]")].map((e) =>
            ["title", "aria-label"].map((a) => e.getAttribute(a) ?? "").join(" "),
        );
        return [document.title, document.body.textContent, ...said].filter((t) => turns.test(t)).length;
    });
    check(`${path}: texts that turn`, raw, 0);
}

await b.go("/releases/web/2?compare=1");
await shows("subject of a commit", ".commits span", "Mend \\u202Ethe search");
await shows("author of a commit", ".commits small", "ma\\u202Ery");
await shows("path", ".changed code", "a\\u202Etxt.php");
await shows("line", ".diff .add", "allow(); /*\\u202E \\u2066if admin */");
check(
    "a path stands by itself",
    await b.page.locator(".changed code").first().evaluate((e) => getComputedStyle(e).unicodeBidi),
    "isolate",
);
await none_turns("/releases/web/2");
for (const path of ["/releases", "/audit", "/"]) {
    await b.go(path);
    await none_turns(path);
}
await close();
