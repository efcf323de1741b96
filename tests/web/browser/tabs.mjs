// tabs.mjs: what many tabs of one browser hear, and what breaks while they listen.
//
//     node tabs.mjs DOOR RUSUBAN PIDFILE       the program that speaks to this site, where the web role's pid stands
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { check, close, fail, open, or, person } from "./stage.mjs";

const [door, program, pid_file] = process.argv.slice(2);
const rusuban = (...words) =>
    execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const tabs_wanted = 12,
    soon_ms = 5000,
    back_ms = 30_000;

// The role that is killed is a refused connection, the session that ends a 401: the browser notes both.
const b = await open(door, { expected: ["ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "401", "403", "503"] });
const context = b.page.context();
let streams = 0;
context.on("request", (r) => {
    if (new URL(r.url()).pathname === "/api/v1/live") streams++;
});

const shows = (page, text, timeout = soon_ms) => page.getByText(text).first().waitFor({ timeout });
async function all_show(pages, what, text, timeout) {
    const late = await Promise.all(
        pages.map((p) =>
            shows(p, text, timeout).then(
                () => 0,
                () => 1,
            ),
        ),
    );
    const n = late.reduce((sum, x) => sum + x, 0);
    if (n) fail(`${what}: ${n} of ${pages.length} tabs do not show "${text}"`);
}

// Twelve tabs, where a browser lets six connections to one server be open.
await b.go("/releases");
const pages = [b.page];
for (let i = 1; i < tabs_wanted; i++) {
    const page = await context.newPage();
    await page.goto(`${door}/releases`);
    await page.getByRole("heading", { name: "Releases", level: 1 }).waitFor({ timeout: soon_ms });
    pages.push(page);
}
rusuban("lock", "set", "web", "--reason", "everybody hears this");
await all_show(pages, "twelve tabs", "everybody hears this");
check("streams of twelve tabs", streams, 1);

// The one that leads is closed: another one leads, and nothing that changes is missed.
await pages.shift().close();
rusuban("lock", "set", "web", "--reason", "said after the first tab was closed");
await all_show(pages, "the leader closed", "said after the first tab was closed", back_ms);
check("streams after another one leads", streams, 2);

// The web role dies, and something changes before the next one is there.
const page = pages[0];
process.kill(Number(readFileSync(pid_file, "utf8")), "SIGKILL");
for (let tries = 100; ; tries--) {
    try {
        rusuban("lock", "set", "web", "--reason", "said while nobody could hear");
        break;
    } catch (e) {
        if (!tries) throw e;
        await new Promise((done) => setTimeout(done, 50)); // the house starts the role again
    }
}
await all_show(pages, "after kill -9", "said while nobody could hear", back_ms);
await page
    .locator(".heard:not(.stale)")
    .waitFor({ timeout: back_ms })
    .catch(or("the page is not live again"));
check(
    "pages were not loaded again",
    await page.evaluate(() => performance.getEntriesByType("navigation").length),
    1,
);

// The session ends: the page asks to sign in, and then comes back to where it was.
for (const other of pages.splice(1)) await other.close();
const id = rusuban("session", "list")
    .split("\n")
    .filter((l) => l.includes(person.name))
    .map((l) => l.trim().split(/\s+/)[0]);
for (const one of id) rusuban("session", "revoke", one);
await page.getByRole("link", { name: "Home" }).click();
await page
    .waitForURL("**/sign-in?to=*", { timeout: back_ms })
    .catch(or("nobody says that the session has ended"));
const to = new URL(page.url()).searchParams.get("to");
if (to !== "/" && to !== "/releases") fail(`it would lead back to ${to}`);
await page.getByLabel("Name").fill(person.name);
await page.getByLabel("Password").fill(person.password);
await page.keyboard.press("Enter");
await page.waitForURL(`${door}${to}`, { timeout: soon_ms }).catch(or("signed in again, and not back"));
rusuban("lock", "lift", "web");
await close();
