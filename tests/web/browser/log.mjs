// log.mjs: a question from its first letter to its file, and the pages behind it.
//
//     node log.mjs DOOR DIR           leaves in DIR, for the play to look at: a question as curl and as command, its CSV
import { readFileSync, writeFileSync } from "node:fs";
import { check, close, fail, open, or, person } from "./stage.mjs";

const [door, dir] = process.argv.slice(2);
// A wrong question is a 400, which the browser notes.
const b = await open(door, { expected: ["400"] });
const { page } = b;
const soon = { timeout: 10_000 };
const editor = page.locator(".cm-content");
const answer = page.locator(".log-result .mark");
async function write(sql) {
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText(sql);
}
async function until(what, locator) {
    await locator.waitFor(soon).catch(or(`${what}: it does not come`));
}
async function ran() {
    await until("an answer", answer.filter({ hasText: /Done in|Failed|Stopped/ }));
}

// An example, by the keyboard: it is in the editor, in the address, and runs.
await b.go("/log");
await editor.waitFor(soon);
await b.axe("nothing asked yet");
await page.getByRole("link", { name: "How many requests come in each hour?" }).click();
await until("the example in the editor", editor.filter({ hasText: "group by all" }));
check("its address", new URL(page.url()).hash.includes("sql=select+dt"), true);
await until("how much it would read", page.locator(".log-would", { hasText: /Will read about .* of \d+ files/ }));
await page.keyboard.press("Control+Enter"); // whoever chose it is in the editor
await ran();
check("it is done", (await answer.innerText()).startsWith("Done in"), true);
await until("a chart", page.locator(".chart canvas"));
await until("its size as a bar", page.locator(".log-would .log-part b"));
// An answer under another question says whose it is.
await page.keyboard.press("Control+End");
await page.keyboard.type(" desc");
await until("that the answer is an older one", answer.filter({ hasText: "Of the question before" }));
await b.axe("an older answer");
for (let i = 0; i < 5; i++) await page.keyboard.press("Backspace");
await until("that it is the answer again", answer.filter({ hasText: "Done in" }));
// Four releases, three of them within minutes: those have one word in the drawing, and a list has all.
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
await page.route("**/api/v1/log/markers*", (r) =>
    r.fulfill({
        json: {
            items: [900, 122, 121, 120].map((minutes, i) => ({ service: "web", number: i + 1, kind: "release", target: i + 1, at: ago(minutes) })),
            next: null,
        },
    }),
);
await page.evaluate(() => {
    globalThis.drawn = [];
    const plain = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
        globalThis.drawn.push(text);
        plain.call(this, text, ...more);
    };
});
await editor.click();
await page.keyboard.press("Control+Enter");
await page.locator(".chart-marks summary", { hasText: "4 releases" }).click();
check("all by name", (await page.locator(".chart-marks li").allInnerTexts()).map((t) => t.slice(17)).join(", "), "web 1 out, web 2 out, web 3 out, web 4 out");
const words = await page.evaluate(() => [...new Set(globalThis.drawn)].filter((t) => /release|web/.test(t)).join(", "));
check("in the drawing", words, "web 1 out, 3 releases");
await page.unroute("**/api/v1/log/markers*");
// What is measured in something says in what, along the axis.
await page.evaluate(() => (globalThis.drawn = []));
await write("select dt, hour, quantile_cont(reqtime, 0.95) as p95_ms from access_log group by all order by dt, hour");
await page.keyboard.press("Control+Enter");
await ran();
await page
    .waitForFunction(() => globalThis.drawn.some((text) => /^\d+ ms$/.test(text)), null, soon)
    .catch(or("the axis has no unit"));
await b.axe("an answer with a chart");
const hours = await page.locator(".grid tbody tr[aria-rowindex]").count();
if (hours < 10) fail(`a day has ${hours} hours`);

// Completion knows the columns of the site.
await write("");
await page.keyboard.type("select reqt");
await until("completion", page.locator(".cm-tooltip-autocomplete li", { hasText: "reqtime" }).first());
await page.waitForTimeout(150); // it takes no Enter for its own before
await page.keyboard.press("Enter");
await until("the column", editor.filter({ hasText: "select reqtime" }));

// Whoever runs a question while something is suggested sees the answer, not what might have been written.
await write("");
await page.keyboard.type("select 1 as sta");
await until("completion again", page.locator(".cm-tooltip-autocomplete li").first());
await page.keyboard.press("Control+Enter");
await page
    .locator(".cm-tooltip-autocomplete")
    .waitFor({ state: "detached", timeout: 10_000 })
    .catch(or("completion stays open"));
// Typed over a choice of coloured words, in pairs too: the browser's own way needs a style that the policy forbids.
for (const [typed, wanted] of [["select 2", "select 2"], ["(", "(select 2)"]]) {
    await page.keyboard.press("Control+a");
    await page.keyboard.type(typed);
    check(`after ${typed} over all`, (await editor.innerText()).trim(), wanted);
}

// A mistake is told while one writes, with its place, and marked there.
await write("select count(*)\nfrom acces_log");
await until("a mistake", page.locator(".log-would", { hasText: "no table acces_log; did you mean access_log?" }));
await until("its mark", page.locator(".cm-wrong", { hasText: "acces_log" }));
await page.keyboard.press("Control+Enter");
await ran();
check("it failed", await answer.innerText(), "Failed");

// Many rows: ten thousand are shown, the page has those in sight, the file has all.
await write("select range as n, repeat('x', 40) as text from range(30000)");
await page.keyboard.press("Control+Enter");
await until("rows", answer.filter({ hasText: "Done in" }));
await until("how many", page.locator(".log-head", { hasText: "The first 10,000 rows." }));
const drawn = await page.locator(".grid tbody tr").count();
if (drawn > 200) fail(`${drawn} rows are in the page`);
await page.locator(".grid").evaluate((e) => e.scrollTo(0, e.scrollHeight));
await until("the last row", page.locator(".grid tbody tr[aria-rowindex='10001']"));
await page.getByRole("button", { name: "Open row 10,000" }).click();
check("one row", (await page.getByRole("dialog").locator("dd").first().innerText()).trim(), "9999");
await b.axe("one row");
await page.keyboard.press("Escape");
const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download CSV" }).click(),
]);
const csv = readFileSync(await file.path(), "utf8");
check("lines of the file", csv.split("\n").length, 30_002);
check("the file's last row", csv.trimEnd().split("\n").pop().startsWith("29999,"), true);

// A file, a command and a curl line of one question; nothing that is copied holds a secret.
await write("select time, uri, ua, reqtime, 'it''s \"quoted\", 日本' as said, '' as empty, null as nothing\nfrom access_log order by all");
await page.getByLabel("Of which time").selectOption("all");
await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
for (const [name, button] of [["command", "Copy as command"], ["curl", "Copy as curl"]]) {
    await page.getByRole("button", { name: button }).click();
    await until("it is copied", page.getByText("Copied."));
    const line = await page.evaluate(() => navigator.clipboard.readText());
    if (/rsb_|__Host/.test(line)) fail(`${button} holds a secret: ${line}`);
    writeFileSync(`${dir}/${name}`, `${line}\n`);
}
const [whole] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download CSV" }).click(),
]);
await whole.saveAs(`${dir}/csv`);
await page.getByLabel("Of which time").selectOption("usual");

// What a question leaves open has a field; values are in the address, in the command, and never in the SQL.
await write("select {{day}} as d, {{app?}} is null as none, {{what}} as what, '{{not}}' as said -- {{nor}}");
await until("what is missing", page.locator(".log-would", { hasText: "Say what day is." }));
check("fields", (await page.locator(".log-given").allInnerTexts()).map((t) => t.trim()).join(" "), "day app what");
await page.keyboard.press("Control+Enter");
check("the first that is empty", await page.evaluate(() => document.activeElement.dataset.param), "day");
await page.getByLabel("day", { exact: true }).fill("2026-11-20");
await page.getByLabel("what", { exact: true }).fill("'; drop table x; --");
await page.keyboard.press("Enter");
await until("values", page.locator(".grid tbody tr", { hasText: "'; drop table x; --" }));
check("a row", (await page.locator(".grid tbody td").allInnerTexts()).slice(1, 5).map((t) => t.trim()).join("|"), "2026-11-20|true|'; drop table x; --|{{not}}");
check("its address", new URLSearchParams(new URL(page.url()).hash.slice(1)).get("p.day"), "2026-11-20");
await page.reload();
await page.locator(".log-given input").first().waitFor(soon);
check("after a reload", await page.getByLabel("day", { exact: true }).inputValue(), "2026-11-20");
await b.axe("fields for what is open");
await page.getByRole("button", { name: "Copy as command" }).click();
await until("it is copied", page.getByText("Copied."));
writeFileSync(`${dir}/given`, `${await page.evaluate(() => navigator.clipboard.readText())}\n`);

// Moments come in UTC and stand on the site's clock, whatever the browser's is; "infinity" is none.
await write("select make_timestamptz(1795233600250000) as at, 'infinity'::timestamptz as never");
await page.keyboard.press("Control+Enter");
await until("a moment", page.locator(".grid tbody tr", { hasText: "2026-11-21 13:00:00.250" }));
await until("and none", page.locator(".grid tbody tr", { hasText: "infinity" }));

// A question that takes long is stopped.
await write("select count(*) from range(1000000000) a, range(1000) b");
await page.keyboard.press("Control+Enter");
await page.getByRole("button", { name: "Stop", exact: true }).click();
await until("it is stopped", answer.filter({ hasText: "Stopped" }));

// Kept for everybody, changed, found again by its link, forgotten.
const dialog = page.getByRole("dialog");
await write("select status, count(*) as n from access_log group by 1 order by 2 desc");
await page.getByRole("button", { name: "Save", exact: true }).click();
await dialog.getByLabel("Name").fill("By status");
await page.keyboard.press("Enter");
await dialog.waitFor({ state: "detached" });
await until("its name", page.getByRole("heading", { name: "By status", level: 1 }));
await page.getByRole("button", { name: "Change", exact: true }).click();
await dialog.getByLabel("Name").fill("Answers by status");
await page.keyboard.press("Enter");
await until("its other name", page.getByRole("heading", { name: "Answers by status", level: 1 }));
await write("select {{n:number}} + {{N}} as twice"); // one place in two forms
await page.getByLabel("n", { exact: true }).fill("21");
await page.getByRole("button", { name: "Save", exact: true }).click();
await dialog.getByLabel("Name").fill("Twice");
await page.keyboard.press("Enter");
await dialog.waitFor({ state: "detached" });
await page.getByRole("link", { name: "Answers by status" }).click();
await page.getByRole("link", { name: "Twice" }).click();
await page.getByLabel("n", { exact: true }).waitFor(soon);
check("its default", await page.getByLabel("n", { exact: true }).inputValue(), "21");
await page.getByLabel("n", { exact: true }).press("Enter");
await until("twice of it", page.locator(".grid tbody tr", { hasText: "42" }));

// Questions in tabs: each keeps its text, its answer and its values; the history knows whose an entry is.
const tabs = page.getByRole("tab");
const shown = page.locator("[role=tab][aria-selected=true]");
check("its tab", (await shown.innerText()).trim(), "Twice");
const before = await tabs.count();
await page.getByRole("button", { name: "New question" }).click();
await until("an empty one", page.getByRole("link", { name: "Which pages are slowest?" }));
check("one more", await tabs.count(), before + 1);
await write("select 'first' as one");
await page.keyboard.press("Control+Enter");
await until("its answer", page.locator(".grid tbody tr", { hasText: "first" }));
await write("select 'second' as one");
await page.keyboard.press("Control+Enter");
await until("its other answer", page.locator(".grid tbody tr", { hasText: "second" }));
await tabs.filter({ hasText: "Twice" }).click();
await until("another one", page.locator(".grid tbody tr", { hasText: "42" }));
check("its address", new URLSearchParams(new URL(page.url()).hash.slice(1)).get("p.n"), "21");
await b.axe("tabs");
await shown.focus();
await page.keyboard.press("End");
await until("back at its answer", page.locator(".grid tbody tr", { hasText: "second" }));
await page.goBack();
await until("what was asked before, in the same tab", editor.filter({ hasText: "'first'" }));
check("as many", await tabs.count(), before + 1);
await page.reload();
await until("after a reload", editor.filter({ hasText: "'first'" }));
check("still as many", await tabs.count(), before + 1);
await page.getByRole("link", { name: "Twice" }).click();
check("a kept one is open already", await tabs.count(), before + 1);
check("and shown", (await shown.innerText()).trim(), "Twice");
await tabs.last().click();
await shown.focus();
await page.keyboard.press("Delete");
check("one less", await tabs.count(), before);
await page.getByRole("tab", { name: "Twice" }).click();
await page.getByRole("link", { name: "Answers by status" }).click();
await editor.click();
await page.keyboard.press("Control+Enter");
await ran();
check("its answer", (await page.locator(".grid tbody td").nth(1).innerText()).trim(), "200");
const link = page.url();
const other = await open(door);
await other.page.goto(link);
await other.page.locator(".cm-content", { hasText: "group by 1 order by 2 desc" }).waitFor(soon);
check("whose name", await other.text("h1"), "Answers by status");
// By its number alone, also where another question is open; a number that is none is said.
await other.page.goto(`${door}/log#sql=select+7`);
await other.page.locator(".cm-content", { hasText: "select 7" }).waitFor(soon);
await other.page.goto(`${door}/releases`);
await other.page.goto(`${door}/log${new URL(link).search}`);
await other.page
    .locator(".cm-content", { hasText: "group by 1 order by 2 desc" })
    .waitFor(soon)
    .catch(or("a kept question by its number alone"));
check("whose name by its number", await other.text("h1"), "Answers by status");
await other.page.goto(`${door}/releases`);
await other.page.goto(`${door}/log?saved=999`);
await other.page.getByText("There is no kept question 999.").waitFor(soon).catch(or("a number that is none"));
// Opened where drafts are kept, one of them a kept question. Who is here is known late and the tables a moment after that,
// while the browser has painted nothing: an effect that waits for the paint then runs in the middle of the next drawing. The
// address is told once, and stands still.
await other.page.addInitScript((kept) => {
    localStorage.setItem("rusuban.log.drafts", kept);
    globalThis.requestAnimationFrame = (f) => setTimeout(() => f(performance.now()), 700);
    globalThis.told = [];
    const plain = history.replaceState;
    history.replaceState = function (state, title, url) {
        globalThis.told.push(String(url));
        if (globalThis.told.length > 60) throw new Error("the address is told over and over"); // or the tab would hang
        plain.call(this, state, title, url);
    };
}, JSON.stringify({
    who: person.name,
    current: "b",
    drafts: [
        { id: "a", saved: null, at: "#sql=select+1", hash: "#sql=select+1" },
        { id: "b", saved: Number(new URL(link).searchParams.get("saved")), at: new URL(link).hash, hash: new URL(link).hash },
    ],
}));
const late = (path, ms) =>
    other.page.route(`**/api/v1${path}`, async (r) => {
        await new Promise((done) => setTimeout(done, ms));
        await r.continue();
    });
await late("/me", 300);
await late("/log/tables", 320);
await other.page.goto(`${door}/log`);
await other.page.waitForURL(link, soon).catch(or("the draft's address"));
await other.page.locator(".cm-content", { hasText: "group by 1 order by 2 desc" }).waitFor(soon);
await other.page.waitForTimeout(1500); // what is told over and over is told within two paints
const told = await other.page.evaluate(() => globalThis.told);
if (told.length > 1) fail(`the address is told ${told.length} times: ${told.slice(0, 4).join(", ")}`);
check("the address stands still", other.page.url(), link);
check("whose name, as a draft", await other.text("h1"), "Answers by status");
await other.page.context().close(); // it has the same session, which ends below
await page.getByRole("button", { name: "Forget", exact: true }).click();
await dialog.locator("button[type=submit]").click();
await until("it is forgotten", page.getByRole("heading", { name: "Logs", level: 1 }));

// What is typed survives leaving the page; single keys do nothing in the editor.
await write("select 'gh' as home");
await page.keyboard.type(" -- gr?");
check("still here", new URL(page.url()).pathname, "/log");
await page.getByRole("link", { name: "Home" }).click();
await page.waitForURL(`${door}/`);
await page.goBack();
await until("what was typed", editor.filter({ hasText: "-- gr?" }).or(editor.filter({ hasText: "group by 1" })));

// Home tells a log that just began from one that fell silent, and since when there is one.
async function home_says(first, last, now, note, span) {
    await page.route("**/api/v1/home", async (r) => {
        const answer = await (await r.fetch()).json();
        answer.figures.forEach((f) => (f.now = now));
        answer.lines = { first, last };
        await r.fulfill({ json: answer });
    });
    await b.go("/");
    await until(`"${note}"`, page.locator(".fig-value small", { hasText: note }).first());
    check(`since when, at "${note}"`, /^(The last 24 h|Since .+)$/.exec(await b.text(".fig-span"))?.[0].slice(0, 5), span);
    check("of when the value is", await b.text(".fig-name em"), "now");
    await page.unroute("**/api/v1/home");
}
await home_says(null, null, null, "no line yet", "The l");
await home_says(ago(1), ago(0), null, "just began", "Since");
await home_says(ago(3 * 24 * 60), ago(20), null, /^none since \d/, "The l");
await home_says(ago(3), ago(0), 12.5, "/s", "Since");

// Pages: the slowest first, a filter, one of them hour by hour, and the question behind it.
await b.go("/log/pages");
const first = page.locator(".pages-table tbody tr").first();
await first.waitFor(soon);
const name = (await first.locator("td").first().innerText()).trim();
await page.keyboard.press("/");
await page.keyboard.type(name);
await first.locator("a").click();
await page.waitForURL("**/log/page/*");
await b.settled();
check("its name", await b.text("h1"), name);
await until("its charts", page.locator(".chart canvas").nth(1));
await b.axe("one page");
await page.getByText("Show as table").click();
await until("the hours as a table", page.locator(".as-table tbody tr").nth(40));
await page.getByRole("link", { name: "Ask about its requests" }).click();
await editor.filter({ hasText: name }).waitFor(soon);
await editor.click();
await page.keyboard.press("Control+Enter");
await ran();
check("its requests", (await answer.innerText()).startsWith("Done in"), true);

// A page that became worse is one click away from home.
await b.go("/");
await page.locator(".need .btn").first().click();
await page.waitForURL("**/log/page/*").catch(or("home does not lead to the page that became worse"));
await until("what is the matter", page.locator(".need", { hasText: "before." }));

// Signed out: what was asked and answered is gone from this tab.
await page.locator(".me").click();
await page.getByRole("menuitem", { name: "Sign out" }).click();
await page.waitForURL("**/sign-in*");
await page.getByLabel("Name").fill(person.name);
await page.getByLabel("Password").fill(person.password);
await page.keyboard.press("Enter");
await page.waitForURL("**/log/page/*");
await page.getByRole("navigation").getByRole("link", { name: "Logs", exact: true }).first().click();
await until("nothing asked", page.getByRole("link", { name: "Which pages are slowest?" }));
check("what was typed before", (await editor.innerText()).trim(), "");
await close();
