// first-admin.mjs: nobody has an account. A stranger is told the way in; the link from the terminal leads to a name
// and a password, and from there straight home; signing out and in again works, a wrong password says so.
//
//     node first-admin.mjs DOOR LINK
import { check, close, open, or, person } from "./stage.mjs";

const [door, link] = process.argv.slice(2);
const b = await open(door, { signed_in: false });
await b.go("/releases");
check(
    "where a stranger is led",
    new URL(b.page.url()).pathname + new URL(b.page.url()).search,
    "/sign-in?to=%2Freleases",
);
check("the way in", await b.text("code"), "rusuban admin invite");

await b.page.goto(link);
await b.page.getByLabel("Password").waitFor();
check("the name in the link", await b.page.getByLabel("Name").inputValue(), person.name);
await b.axe("the invitation");
await b.page.getByLabel("Password").fill(person.password);
await b.page.getByRole("button", { name: "Come in" }).click();
await b.page.waitForURL(`${door}/`);
await b.settled();
check("whose page it is", await b.page.locator(".me").getAttribute("aria-label"), `${person.name}, settings`);

await b.page.locator(".me").click();
await b.axe("the menu");
await b.page.getByRole("menuitem", { name: "Sign out" }).click();
await b.page.waitForURL("**/sign-in?to=%2F");
await b.page.getByLabel("Name").fill(person.name);
await b.page.getByLabel("Password").fill("six quiet sparrows");
await b.page.keyboard.press("Enter");
await b.page
    .getByText("the name or the password is wrong")
    .waitFor({ timeout: 5000 })
    .catch(or("a wrong password is not told"));
await b.page.getByLabel("Password").fill(person.password);
await b.page.keyboard.press("Enter");
await b.page.waitForURL(`${door}/`);

await b.page.goto(link);
await b.page.getByRole("alert").waitFor();
check("a link that was used", await b.page.getByLabel("Password").count(), 0);
await close();
