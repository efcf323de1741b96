// paint.mjs: sets and lifts a lock so many times and prints after how many milliseconds a page in Chromium had painted
// its reason, one line each.
//
//     node paint.mjs DOOR INVITATION SOCKET TIMES
import { request } from "node:http";
import { createRequire } from "node:module";

const modules = createRequire(`${process.env.BROWSER_MODULES}/package.json`);
const { chromium } = modules("playwright-core");
const [door, link, socketPath, times] = process.argv.slice(2);

const now = () => performance.timeOrigin + performance.now();

function post(path, body) {
    const text = JSON.stringify(body);
    const key = `paint-${Math.random().toString(36).slice(2)}-0123456789`;
    const headers = { "Content-Type": "application/json", "Content-Length": text.length, "Idempotency-Key": key };
    return new Promise((done, broken) => {
        const r = request({ socketPath, path: `/api/v1${path}`, method: "POST", headers }, (answer) => {
            answer.resume().on("end", () => (answer.statusCode < 300 ? done() : broken(answer.statusCode)));
        });
        r.on("error", broken).end(text);
    });
}

const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
await page.goto(link);
await page.locator("input[type=password]").fill("five quiet sparrows");
await page.keyboard.press("Enter");
await page.waitForURL(`${door}/`);
await page.goto(`${door}/releases`);
await page.waitForSelector("h1");
await page.waitForTimeout(1500);

// The frame is painted when the task behind its animation frame runs.
await page.evaluate(() => {
    globalThis.seen = (text, there) =>
        new Promise((done) => {
            const look = () => {
                if (document.body.innerText.includes(text) !== there) return;
                watch.disconnect();
                requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
            };
            const watch = new MutationObserver(look);
            watch.observe(document.body, { childList: true, subtree: true, characterData: true });
            look();
        });
});

for (let n = 1; n <= Number(times); n++) {
    const reason = `change number ${n} of many`;
    await page.evaluate((text) => void (globalThis.waiting = globalThis.seen(text, true)), reason);
    const began = now();
    await post("/locks", { service: "web", reason });
    const painted = await page.evaluate(() => globalThis.waiting);
    console.log((painted - began).toFixed(1));
    await page.evaluate((text) => void (globalThis.waiting = globalThis.seen(text, false)), reason);
    await post("/locks/web/lift", {});
    await page.evaluate(() => globalThis.waiting);
    await page.waitForTimeout(150 + Math.random() * 100); // news of their own, not of one burst
}
await browser.close();
