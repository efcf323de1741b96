// deeds.mjs: a release approved by clicks while a second tab looks on; what a person decides there; the keyboard alone.
//
//     node deeds.mjs DOOR        release 2 of web waits for approval
import { check, close, open, or } from "./stage.mjs";

const [door] = process.argv.slice(2);
// A revision that is none is a 400, which the browser notes.
const b = await open(door, { expected: ["400"] });
const beside = await b.page.context().newPage();
await beside.goto(`${door}/releases/web/2`);
await beside.waitForSelector(".ask");

// Ctrl K names what can be done about it by the words of the command too, before the command that would only be copied.
const option = b.page.getByRole("option");
async function find(typed) {
    await b.page.keyboard.press("Control+k");
    await b.page.locator("[role=combobox]").fill(typed);
}
await b.go("/");
await find("release approve");
await option.first().filter({ hasText: "Approve web 2" }).waitFor().catch(or("Approve web 2 is not the first"));
await b.page.keyboard.press("Enter");
await b.page.getByRole("heading", { name: "Bring web 2 to production" }).waitFor();
await b.page.keyboard.press("Escape");
await find("app2");
await option.first().filter({ hasText: "Host" }).waitFor().catch(or("a host is not found"));
await b.page.keyboard.press("Enter");
await b.page.waitForURL("**/releases/web/2");
await find("zone c");
await option.first().filter({ hasText: "Zone" }).waitFor().catch(or("a zone is not found"));
await b.page.keyboard.press("Enter");
await b.page.waitForURL(`${door}/`);
// A command that is only copied says so before and after.
await b.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
await find("host trust");
await option.first().filter({ hasText: "Copy: rusuban host trust HOST" }).waitFor().catch(or("a command does not say that it is copied"));
check("what Enter does", await b.text(".pal-foot span"), "Enter copy the command, nothing is run");
await b.page.keyboard.press("Enter");
await b.page.getByText("Copied, to be typed in a terminal: rusuban host trust HOST").waitFor().catch(or("what was copied is not said"));
check("what was copied", await b.page.evaluate(() => navigator.clipboard.readText()), "rusuban host trust HOST");

// Home names it, one click leads there, two more approve it.
await b.go("/");
await b.page.locator(".need .btn").first().click();
await b.page.waitForURL("**/releases/web/2");
await b.page.getByRole("button", { name: "Approve", exact: true }).click();
const dialog = b.page.getByRole("dialog");
check("what it will do", await dialog.getByRole("heading").innerText(), "Bring web 2 to production");
check("the same as a command", await dialog.locator("code").innerText(), "rusuban release approve web 2");
await b.axe("a dialog");
await dialog.locator("#deed-note").fill("looks good");
check(
    "the note in the command",
    await dialog.locator("code").innerText(),
    "rusuban release approve web 2 --note 'looks good'",
);
await dialog.locator("button[type=submit]").click();
await dialog.waitFor({ state: "detached" });
const done = (page) =>
    page.waitForFunction(() => document.querySelector(".ask h2")?.textContent === "Done", null, {
        timeout: 30_000,
    });
await done(b.page).catch(or("the page that approved it does not become Done"));
await done(beside).catch(or("the page beside it does not become Done by itself"));
check("what the note became", (await b.text(".ask p")).includes("looks good"), true);
check("hosts", await b.page.locator(".host.ok").count(), 3);

await find("release rollback");
await option.first().filter({ hasText: "Roll back web to 1" }).waitFor().catch(or("Roll back web is not the first"));
await b.page.keyboard.press("Enter");
await b.page.getByRole("heading", { name: "Roll web back to 1" }).waitFor();
await b.page.keyboard.press("Escape");

// Back by the keyboard alone: the button names where to and how long.
const back = b.page.getByRole("button", { name: /^Roll back to 1, about / });
await back.focus();
await b.page.keyboard.press("Enter");
await dialog.waitFor();
await dialog.locator("#deed-reason").focus();
await b.page.keyboard.press("Enter");
await b.page.waitForTimeout(200);
check("a reason is asked for", await dialog.count(), 1);
await b.page.keyboard.press("Escape");
await dialog.waitFor({ state: "detached" });
check("where the focus is then", await back.evaluate((e) => e === document.activeElement), true);
await b.page.keyboard.press("Enter");
await dialog.locator("#deed-reason").fill("search is empty");
await dialog.locator("button[type=submit]").click();
await b.page.waitForURL("**/releases/web/3");
await done(b.page).catch(or("the roll back does not become Done"));

// A roll back prints nothing: what there is of it takes the whole width.
const columns = await b.page.evaluate(() => {
    const place = document.querySelector(".two").getBoundingClientRect();
    return [...document.querySelectorAll(".two > *")].map((e) => e.getBoundingClientRect().height > 0 && place.width);
});
check("columns with something in them", columns.filter(Boolean).length, 2);

// It left a lock with the reason, which a person lifts.
await b.page.keyboard.press("g");
await b.page.keyboard.press("r");
await b.page.waitForURL("**/releases");
await b.page
    .getByText("rolled back from 2: search is empty")
    .waitFor({ timeout: 5000 })
    .catch(or("the lock of the roll back is not told"));
// What visitors get is the number that was gone back to; the release that made it so is the roll back.
const live = b.page.locator(".live-one");
check("what is live", (await live.innerText()).replace(/\s+/g, " "), "web #1 since " +
    (await live.locator("small").first().innerText()).replace("since ", "") + " Open the shop");
// What it went back from was done, and is not what runs.
const undone = b.page.locator(".rel-row", { hasText: "web 2" }).locator(".mark");
check("what became of 2", (await undone.innerText()).trim(), "Done, rolled back by 3");
check("what became of 1", (await b.page.locator(".rel-row", { hasText: "web 1" }).locator(".mark").innerText()).trim(), "Done");
check("where that leads", await live.getByRole("link").getAttribute("href"), "/releases/web/3");

await b.page.getByRole("button", { name: "Lift" }).click();
await dialog.locator("button[type=submit]").click();
await b.page
    .getByRole("heading", { name: "Locks", exact: true })
    .waitFor({ state: "detached" })
    .catch(or("the lock is still told"));

// A mistake comes back with its place and the dialog stays.
await b.page.getByRole("button", { name: "Release a service" }).click();
check("the only service is chosen", await dialog.getByRole("heading").first().innerText(), "Release web");
await dialog.locator("#deed-rev").fill("-x");
await dialog.locator("button[type=submit]").click();
await dialog.getByText("this is no revision").first().waitFor().catch(or("what is no revision is not said"));
check("what was typed stays", await dialog.locator("#deed-rev").inputValue(), "-x");
await b.page.keyboard.press("Escape");

// Ctrl K finds verbs; they open the same dialog.
await b.page.keyboard.press("Control+k");
await b.page.locator("[role=combobox]").fill("lock web");
await b.page.getByRole("option", { name: "Lock web" }).waitFor();
await b.page.keyboard.press("Enter");
await dialog.locator("#deed-reason").fill("DB migration");
await dialog.locator("#deed-hours").fill("2");
check(
    "a lock as a command",
    await dialog.locator("code").innerText(),
    "rusuban lock set web --reason 'DB migration' --for 120m",
);
// Copying the command is not doing it, and a time that nobody can read is none.
let sent = 0;
b.page.on("request", (q) => (sent += q.method() === "POST" && q.url().includes("/locks") ? 1 : 0));
await dialog.getByRole("button", { name: /^Copy/ }).click();
await dialog.locator("#deed-hours").fill("-3");
await dialog.locator("button[type=submit]").click();
await b.page.waitForTimeout(300);
check("the dialog is still there", await dialog.isVisible(), true);
check("locks asked for", sent, 0);
await dialog.locator("#deed-hours").fill("2");
await dialog.locator("button[type=submit]").click();
await b.page
    .getByText("DB migration")
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("the lock is not shown"));

await b.go("/");
await b.page
    .locator(".tile-note", { hasText: "locked; #1" })
    .first()
    .waitFor({ timeout: 20_000 })
    .catch(or("home does not show the lock on the service"));

// Who would release in spite of it is told before, and may lift it there.
await b.page.keyboard.press("Control+k");
await b.page.locator("[role=combobox]").fill("release web");
await b.page.getByRole("option", { name: /^Release web(?! \d)/ }).first().click();
await dialog
    .getByText("DB migration, sato, since ")
    .waitFor({ timeout: 20_000 })
    .catch(or("the dialog of a release does not tell the lock"));
await dialog.getByText("web is locked. No release of it starts").waitFor().catch(or("the box does not say what it is"));
await b.axe("a dialog that tells a lock");
await dialog.locator("#deed-rev").fill("main~1");
await dialog.getByRole("button", { name: "Lift" }).click();
await b.page.getByRole("heading", { name: "Lift the locks of web" }).waitFor();
await dialog.locator("button[type=submit]").click();
await b.page
    .getByRole("heading", { name: "Release web", exact: true })
    .waitFor({ timeout: 20_000 })
    .catch(or("the dialog is not there again"));
await b.page
    .getByText("DB migration")
    .first()
    .waitFor({ state: "detached", timeout: 20_000 })
    .catch(or("the lock that was lifted in a dialog is still told"));
check("with what was typed", await dialog.locator("#deed-rev").inputValue(), "main~1");
await b.page.keyboard.press("Escape");
await dialog.waitFor({ state: "detached" });
await close();
