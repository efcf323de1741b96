// viewer.mjs: somebody who may only look: no buttons that would be refused, and where they go by the address it says why.
//
//     node viewer.mjs DOOR LINK
import { check, close, fail, open, or } from "./stage.mjs";

const [door, link] = process.argv.slice(2);
// What is refused is a 403, which the browser notes.
const b = await open(door, { signed_in: false, expected: ["403"] });
const { page } = b;
await page.goto(link);
await page.getByLabel("Password").fill("four quiet sparrows");
await page.getByRole("button", { name: "Come in" }).click();
await page.waitForURL(`${door}/`);
await b.settled();
for (const name of ["Release a service", "Lock a service", "Invite", "Audit log"])
    check(`"${name}"`, await page.getByText(name, { exact: true }).count(), 0);

// Ctrl K: what may be looked at, pages of the log too, and no command that would be refused.
await page.keyboard.press("Control+k");
const option = page.getByRole("option");
await page.locator("[role=combobox]").fill("/work_search");
await option
    .first()
    .filter({ hasText: "Page in the log" })
    .waitFor({ timeout: 5000 })
    .catch(or("a page of the log is not found"));
await page.locator("[role=combobox]").fill("release");
await option
    .filter({ hasText: "Copy: rusuban release show" })
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("a command that only looks is not found"));
for (const words of ["release rollback", "release approve", "lock set", "release web"]) {
    await page.locator("[role=combobox]").fill(words);
    await page.waitForTimeout(100);
    const offered = (await option.allInnerTexts()).filter((t) => /rollback|Roll back|approve|lock set|^Release web/i.test(t));
    if (offered.length) fail(`a viewer who types "${words}" is offered ${offered[0].replace(/\s+/g, " ")}`);
}
await page.keyboard.press("Escape");

await b.go("/log");
const refused = page.getByRole("alert").filter({ hasText: "You may not see this." });
await refused
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("questions: not refused"));
await b.axe("questions that are refused");
await page.getByRole("link", { name: "Pages" }).click();

await page
    .locator(".pages-table tbody tr")
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("pages are for everybody"));
await b.go("/log/live");
await refused
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("lines: not refused"));
await b.go("/audit");
await refused
    .first()
    .waitFor({ timeout: 5000 })
    .catch(or("the audit log: not refused"));
await b.go("/people");
check("people may be seen", (await page.getByText("sato").count()) > 0, true);
check("and not changed", await page.getByRole("button", { name: "Remove" }).count(), 0);
await close();
