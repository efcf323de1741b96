// jobs.mjs: a newcomer who has just signed in: everyday jobs, counted in clicks from the home page; then the same
// without a mouse.
//
//     node jobs.mjs DOOR        release 2 of web waits for approval
import { check, close, fail, open, or, person } from "./stage.mjs";

const [door] = process.argv.slice(2);
const clicks_max = 6;
const b = await open(door);
const { page } = b;
const dialog = page.getByRole("dialog");

async function job(name, presses, proof) {
    await b.go("/");
    for (const press of presses) {
        const target = press(page);
        await target.click({ timeout: 8000 }).catch(or(`${name}: there is no ${target}`));
    }
    if (presses.length > clicks_max) fail(`${name} costs ${presses.length} clicks`);
    await proof(page)
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(or(`${name}: it does not come to its end`));
    await page.keyboard.press("Escape");
}
const button = (name) => (p) => p.getByRole("button", { name, exact: true });
const link = (name) => (p) => p.getByRole("navigation").getByRole("link", { name });
const submit = () => dialog.locator("button[type=submit]");

await job("seeing why something waits", [(p) => p.locator(".need .btn").first()], (p) =>
    p.getByText("Waits for approval"),
);
await job("reading what a build printed", [link("Releases"), (p) => p.locator(".rel-row a").last()], (p) =>
    p.locator(".out-line").nth(1),
);
await job("inviting somebody", [link("People"), button("Invite"), async_fill("#deed-name", "ono"), submit], () =>
    dialog.getByText("The link for ono"),
);
await job(
    "locking a service",
    [
        link("Releases"),
        button("Lock a service"),
        async_fill("#deed-reason", "migration"),
        submit,
    ],
    (p) => p.getByText("migration"),
);
await job("lifting it", [link("Releases"), button("Lift"), submit], (p) => p.getByText("Lifted."));
await job(
    "seeing where one is signed in",
    [(p) => p.locator(".me"), (p) => p.getByRole("menuitem", { name: "My account" })],
    (p) => p.getByText("this one"),
);
await job("seeing who did what", [link("Audit log")], (p) =>
    p.getByText("people invite").or(p.getByText("lock set")),
);
await job("proving it", [link("Audit log"), button("Check every line")], (p) =>
    p.getByText("each as it was written"),
);
await job("approving", [(p) => p.locator(".need .btn").first(), button("Approve"), submit], (p) =>
    p.locator(".ask h2", { hasText: "Done" }),
);

// A field is a click too.
function async_fill(selector, text) {
    return (p) => ({
        click: async (how) => {
            await p.locator(selector).click(how);
            await p.keyboard.type(text);
        },
        toString: () => selector,
    });
}

// Without a mouse: in by the keyboard, to the release, and back to the one before.
const k = await open(door, { signed_in: false });
const keys = k.page.keyboard;
const at = () =>
    k.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim() || "");
async function tab_to(what) {
    for (let i = 0; i < 60; i++) {
        if ((await at()).startsWith(what)) return;
        await keys.press("Tab");
    }
    fail(`Tab does not reach "${what}"`);
}
await k.go("/sign-in");
await tab_to("sign-name");
await keys.type(person.name);
await keys.press("Tab");
await keys.type(person.password);
await keys.press("Enter");
await k.page.waitForURL(`${door}/`);
await k.settled();
await keys.press("g");
await keys.press("r");
await k.page.waitForURL("**/releases");
await k.page.locator("[data-row]").first().waitFor();
await keys.press("j");
await keys.press("Enter");
await k.page.waitForURL("**/releases/web/2");
await k.settled();
await tab_to("Roll back to 1");
await keys.press("Enter");
await k.page.locator("#deed-reason").waitFor();
await tab_to("deed-reason");
await keys.type("by the keyboard");
await tab_to("Roll back to 1");
await keys.press("Enter");
await k.page.waitForURL("**/releases/web/3").catch(or("the keyboard alone does not roll back"));
await k.page
    .waitForFunction(() => document.querySelector(".ask h2")?.textContent === "Done", null, { timeout: 30_000 })
    .catch(or("the roll back is not done"));
check("its address", new URL(k.page.url()).pathname, "/releases/web/3");
await close();
