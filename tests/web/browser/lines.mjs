// lines.mjs: lines of the log on the page a moment after a web server wrote them; a condition; reading while more come.
//
//     node lines.mjs DOOR RUSUBAN FILE      the program that speaks to this site, a web server's log that an agent reads
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { check, close, open, or } from "./stage.mjs";

const [door, program, file] = process.argv.slice(2);
// A wrong condition is a 400, which the browser notes.
const b = await open(door, { expected: ["400"] });
const { page } = b;
const soon = { timeout: 10_000 };
let written = 0;
function write(uri, status, n = 1) {
    const words = ["log", "generate", "--pages", "kotori", "--lines", String(n), "--seed", String(++written)];
    const text = execFileSync(program, [...words, "--from", new Date().toISOString().slice(0, 19) + "+00:00"], {
        encoding: "utf8",
    });
    appendFileSync(
        file,
        text.replace(/\turi:[^\t\n]*/g, `\turi:${uri}`).replace(/\tstatus:\d+/g, `\tstatus:${status}`),
    );
}
const rows = (text) => page.locator(".tail tbody tr", { hasText: text });
const shows = (what, text) =>
    rows(text)
        .first()
        .waitFor(soon)
        .catch(or(`${what}: no line with ${text}`));

await b.go("/log/live");
await b.axe("no line yet");
await page
    .locator(".mark.ok", { hasText: "Following" })
    .waitFor(soon)
    .catch(or("it does not follow"));
write("/seen/at-once", 200);
await shows("a line", "/seen/at-once");
await b.axe("lines");
await page.locator(".tail tbody tr button").first().click();
check("all of a line", await page.getByRole("dialog").locator("dt", { hasText: "forwardedfor" }).count(), 1);
await page.keyboard.press("Escape");

// Many come while somebody reads: what they read stays in its place.
write("/many/of-them", 200, 100);
await shows("many", "/many/of-them");
await page.locator(".tail .grid").evaluate((e) => e.scrollTo(0, 0));
const top = await page.locator(".tail tbody tr").first().innerText();
write("/later", 200, 3);
await page
    .getByRole("button", { name: "3 new lines" })
    .waitFor(soon)
    .catch(or("new lines are not counted"));
check("what was read", await page.locator(".tail tbody tr").first().innerText(), top);
await page.getByRole("button", { name: "3 new lines" }).click();
await shows("the new ones", "/later");

// Only some of them; a condition that is none says why.
await page.getByLabel("Only lines where").fill("status >= 500");
await page.keyboard.press("Enter");
await rows("/later")
    .first()
    .waitFor({ state: "detached", ...soon })
    .catch(or("old lines stay"));
await page.locator(".mark.ok", { hasText: "Following" }).waitFor(soon);
write("/not/this", 200);
write("/but/this", 502);
await shows("a condition", "/but/this");
check("what does not fit", await rows("/not/this").count(), 0);
await page.reload();
await page.locator(".mark.ok", { hasText: "Following" }).waitFor(soon);
check("the condition after a reload", await page.getByLabel("Only lines where").inputValue(), "status >= 500");
// A label that no line has is told, once lines have come, and what was meant.
await page.getByLabel("Only lines where").fill("stauts >= 500");
await page.keyboard.press("Enter");
const absent = page.getByText('has a label "stauts". Did you mean "status"? There are: server, time');
for (let i = 0; i < 60 && !(await absent.count()); i++) {
    write("/more", 200);
    await page.waitForTimeout(500);
}
check("a label that no line has is told", await absent.count(), 1);
await b.axe("a label that no line has");
await page.getByLabel("Only lines where").fill("status >= ");
await page.keyboard.press("Enter");
await page
    .getByRole("alert")
    .waitFor(soon)
    .catch(or("a condition that is none: nothing is said"));
await close();
