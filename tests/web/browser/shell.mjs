// shell.mjs: the shell: few and small requests until the page is there; an unknown address says so; keys and palette
// work; theme and language hold after a reload.
//
//     node shell.mjs DOOR
import { check, close, fail, open } from "./stage.mjs";

const [door] = process.argv.slice(2);
const first_load_max = 60_000,
    requests_max = 10;

const b = await open(door);
const seen = [];
b.page.on("response", async (r) => {
    const size = await r
        .request()
        .sizes()
        .catch(() => null);
    seen.push({ url: r.url(), bytes: size ? size.responseBodySize : 0, type: r.request().resourceType() });
});
await b.go("/releases");
const assets = seen.filter((r) => r.url.includes("/assets/") || r.type === "document");
const bytes = assets.reduce((sum, r) => sum + r.bytes, 0);
if (bytes > first_load_max) fail(`the first page costs ${bytes} bytes`);
if (assets.length > requests_max) fail(`the first page costs ${assets.length} requests for files`);
check("title", await b.page.title().then((t) => t.split(" · ")[0]), "Releases");

await b.page.keyboard.press("Control+k");
await b.page.locator("[role=combobox]").fill("dark");
await b.page.keyboard.press("Enter");
check("theme by palette", await b.page.evaluate(() => document.documentElement.dataset.theme), "dark");
// What was liked is kept when the answer to the request that tells it has come.
const told = b.page.waitForResponse(
    (r) => r.request().method() === "PUT" && r.url().endsWith("/api/v1/me") && /"ja"/.test(r.request().postData()),
);
await b.page.locator("button.lang").click();
await b.page
    .getByRole("heading", { name: "リリース", level: 1 })
    .waitFor({ timeout: 3000 })
    .catch(() => {});
check("language by button", await b.text("h1"), "リリース");
check("keeping the language", (await told).status(), 200);
await b.page.reload();
await b.settled();
check("language after reload", await b.text("h1"), "リリース");
check("theme after reload", await b.page.evaluate(() => document.documentElement.dataset.theme), "dark");
await b.page.keyboard.press("Tab");
check("the first stop of Tab", await b.page.evaluate(() => document.activeElement.className), "skip");
await b.page.keyboard.press("Enter");
check("where it skips to", await b.page.evaluate(() => document.activeElement.id), "page");

// The account keeps it for other browsers; the stories after this one want it as it was.
const elsewhere = await open(door);
await elsewhere.go("/releases");
await elsewhere.page
    .getByRole("heading", { name: "リリース", level: 1 })
    .waitFor({ timeout: 3000 })
    .catch(() => {});
check("language in another browser", await elsewhere.text("h1"), "リリース");
check(
    "theme in another browser",
    await elsewhere.page.evaluate(() => document.documentElement.dataset.theme),
    "dark",
);
await elsewhere.page.evaluate(() =>
    fetch("/api/v1/me", {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ language: "en", theme: "auto", single_keys: true }),
    }),
);

const lost = await open(door, { expected: ["404"] });
const answer = await lost.page.goto(`${door}/no/such/page`);
check("status of an unknown address", answer.status(), 404);
await lost.page.waitForSelector("h1");
check("what it says", await lost.text("h1"), "There is no such page");
await close();
