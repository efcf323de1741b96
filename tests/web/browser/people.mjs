// people.mjs: who is invited, comes, and gets another role is seen on a page that somebody else has open; the bar of a
// phone leads to every page.
//
//     node people.mjs DOOR
import { check, close, open, or, person } from "./stage.mjs";

const [door] = process.argv.slice(2);
const onlooker = await open(door),
    admin = await open(door);
await onlooker.go("/people");
await admin.go("/people");
const row = (b) => b.page.locator(".people-table tbody tr", { hasText: "mori" });
const sees = (what, text) =>
    row(onlooker)
        .filter({ hasText: text })
        .waitFor({ timeout: 5000 })
        .catch(or(`the other page does not see ${what}`));

await admin.page.getByRole("button", { name: "Invite", exact: true }).click();
await admin.page
    .getByText("A small letter, then small letters, digits")
    .waitFor({ timeout: 5000 })
    .catch(or("what a name may be is not said before the press"));
await admin.page.locator("#deed-name").fill("mori");
await admin.page.getByRole("button", { name: "Make the link" }).click();
const password = admin.page.getByLabel("Your password");
const link = admin.page.getByText(`${door}/invite/`);
await password.or(link).first().waitFor();
if (await password.count()) {
    await password.fill(person.password);
    await admin.page.keyboard.press("Enter");
}
const address = /http\S+\/invite\/[\w-]+/.exec(await link.first().innerText())[0];
await sees("an invitation", "invited by sato");

// A token may as little as possible until somebody says more.
const mine = await open(door);
await mine.go("/me");
await mine.page.getByRole("button", { name: "Make a token" }).click();
check("what a new token may", await mine.page.locator("#deed-role").inputValue(), "viewer");

const guest = await open(door, { signed_in: false });
await guest.page.goto(address);
await guest.page.getByLabel("Password").fill("four quiet sparrows");
await guest.page.getByRole("button", { name: "Come in" }).click();
await guest.page.waitForURL(`${door}/`);
await row(onlooker)
    .filter({ hasNotText: "invited by" })
    .waitFor({ timeout: 5000 })
    .catch(or("the other page does not see that mori came"));

// ---- a phone: every page that can be gone to, by its bar
// This site has no log, so its lines are refused.
const phone = await open(door, { width: 390, height: 844, expected: ["400"] });
await phone.go("/");
for (const [name, path] of [
    ["Releases", "/releases"],
    ["Logs", "/log"],
    ["Pages", "/log/pages"],
    ["Home", "/"],
]) {
    await phone.page.locator(".rail").getByRole("link", { name }).click();
    await phone.page.waitForURL(door + path).catch(or(`the bar does not lead to ${path}`));
    check(`lit in the bar on ${path}`, await phone.page.locator(".rail .here").innerText(), name);
}
for (const [name, path] of [
    ["Live lines", "/log/live"],
    ["People", "/people"],
    ["Audit log", "/audit"],
    ["My account", "/me"],
]) {
    await phone.page.getByRole("button", { name: "More" }).click();
    if (path === "/people") await phone.axe("More");
    await phone.page.getByRole("menuitem", { name }).click();
    await phone.page.waitForURL(door + path).catch(or(`More does not lead to ${path}`));
}
await phone.page.getByRole("button", { name: "More" }).click();
await phone.page.getByRole("menu").waitFor();
await phone.page.keyboard.press("Escape");
check("closed by Escape", await phone.page.getByRole("menu").count(), 0);
check("where the focus is then", await phone.page.evaluate(() => document.activeElement.textContent), "More");
await close();
