// stage.mjs: a browser for one story: what it printed, asked for and refused is looked at, whatever the story is about.
//
//     const b = await open(door, { theme: "dark", language: "ja", width: 390 });
//     await b.go("/releases");
//     check("the heading", await b.text("h1"), "リリース");
//     await b.axe();
//     await close();
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const modules = createRequire(`${process.env.BROWSER_MODULES}/package.json`);
const { chromium } = modules("playwright-core");
const axe_source = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const flags = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
];

export const person = { name: "sato", password: "five quiet sparrows" };
let browser;
let session; // cookies of the one who is signed in, for every context
export function fail(sentence) {
    console.log(sentence);
}
// For what has to come: why it did not is said too, since a name that two elements have is no wait that was too short.
export function or(sentence) {
    return (e) => fail(`${sentence}: ${e.message.split("\n")[0]}`);
}
export function check(what, got, wanted) {
    if (got !== wanted) fail(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

// Errors on the console, refusals of the CSP, requests that leave the server: never wanted.
function watch(page, door, name, expected, foreign) {
    page.on("console", (m) => {
        if (m.type() === "error" && !expected.some((e) => m.text().includes(e)))
            fail(`${name}: console: ${m.text()}`);
    });
    page.on("pageerror", (e) => fail(`${name}: ${e.message}`));
    page.on("request", (r) => {
        if (!foreign && !r.url().startsWith(door) && !r.url().startsWith("data:")) fail(`${name}: asks for ${r.url()}`);
    });
}

async function sign_in(door) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${door}/sign-in`);
    await page.getByLabel("Name").fill(person.name);
    await page.getByLabel("Password").fill(person.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${door}/`);
    session = { cookies: await page.context().cookies(), origins: [] };
    await page.context().close();
}

// signed_in: false for what strangers see; the browser then notes the refusals that lead there, which is no mistake.
export async function open(
    door,
    {
        theme = "light",
        language = "en",
        width = 1440,
        height = 900,
        expected = [],
        signed_in = true,
        foreign = false, // it goes elsewhere too, to a server whose certificate no browser knows
        headers = {},
    } = {},
) {
    browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
    if (signed_in && !session) await sign_in(door);
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: language === "ja" ? "ja-JP" : "en-GB",
        reducedMotion: "reduce",
        bypassCSP: false,
        ignoreHTTPSErrors: foreign,
        extraHTTPHeaders: headers,
        storageState: signed_in ? session : undefined,
    });
    if (!signed_in) expected = [...expected, "401", "404"];
    const page = await context.newPage();
    const name = `${theme} ${language} ${width}`;
    watch(page, door, name, expected, foreign);
    await page.addInitScript(() =>
        addEventListener("securitypolicyviolation", (e) =>
            console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`),
        ),
    );
    const b = { page, name, door };
    b.go = async (path) => {
        await page.goto(door + path, { waitUntil: "load" });
        await b.settled();
    };
    // Bones are gone and nothing has been drawn for a moment.
    b.settled = async () => {
        await page.waitForSelector("h1");
        await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), null, { timeout: 10_000 });
        await page.waitForTimeout(150);
    };
    b.text = (selector) => page.locator(selector).first().innerText();
    b.axe = async (where) => {
        // Read by the browser's own debugger, so that the page's policy needs no hole for it.
        await page.evaluate(axe_source);
        const found = await page.evaluate(
            async () =>
                (
                    await globalThis.axe.run(document, {
                        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                    })
                ).violations,
        );
        for (const v of found)
            fail(
                `${b.name} ${where}: axe: ${v.id}: ${v.nodes
                    .slice(0, 3)
                    .map((n) => `${n.target} (${n.any[0]?.message ?? n.all[0]?.message ?? ""})`)
                    .join(", ")}`,
            );
    };
    b.no_sideways = async (where) => {
        const [wide, has] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
        ]);
        if (wide > has) fail(`${b.name} ${where}: scrolls sideways, ${wide} in ${has} px`);
    };
    return b;
}

export async function close() {
    await browser?.close();
}
