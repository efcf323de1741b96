// provider.mjs: signs in at a provider by the button, and does what takes a password from those who have one.
//
//     node provider.mjs DOOR
import { check, close, open, or } from "./stage.mjs";

const [door] = process.argv.slice(2);
const b = await open(door, { signed_in: false, foreign: true, headers: { "X-User": "tanaka" }, expected: ["403"] });
await b.go("/releases");
const button = b.page.getByRole("link", { name: "Sign in with Kotori ID" });
await button.waitFor();
await b.axe("the sign-in page");
await button.click();
await b.page.waitForURL(`${door}/releases`, { timeout: 20000 });
await b.settled();
check("who came", await b.page.locator(".me").getAttribute("aria-label"), "tanaka, settings");
await b.go("/me");
check("a password to change", await b.page.getByRole("button", { name: "Change the password" }).count(), 0);
await b.page.getByRole("button", { name: "Make a token" }).first().click();
await b.page.locator("#deed-name").fill("script");
await b.page.locator("dialog button[type=submit], .over button[type=submit]").click();
const again = b.page.getByRole("link", { name: "Sign in with Kotori ID" });
await again.waitFor({ timeout: 5000 }).catch(or("who has no password is not sent to the provider"));
check("a password is asked for", await b.page.locator("#deed-password").count(), 0);
await again.click();
await b.page.waitForURL(`${door}/me`, { timeout: 20000 });
const stepped = await b.page.evaluate(async () => (await (await fetch("/api/v1/me")).json()).stepped_up);
check("once more at the provider", stepped, true);
await close();
