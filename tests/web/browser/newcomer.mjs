// newcomer.mjs: from the link of an invitation to an approved release: presses are counted, and the time is told.
//
//     node newcomer.mjs DOOR LINK FILE        FILE gets "5 presses, 2.1 s"
import { writeFileSync } from "node:fs";
import { check, close, open, or } from "./stage.mjs";

const [door, link, file] = process.argv.slice(2);
const b = await open(door, { signed_in: false });
const { page } = b;
let presses = 0;
const press = async (target) => {
    presses++;
    await target.click({ timeout: 8000 }).catch(or(`there is no ${target}`));
};

const began = Date.now();
await page.goto(link);
await press(page.getByLabel("Password"));
await page.keyboard.type("four quiet sparrows");
await press(page.getByRole("button", { name: "Come in" }));
await press(page.locator(".need .btn").first());
await press(page.getByRole("button", { name: "Approve", exact: true }));
await press(page.getByRole("dialog").locator("button[type=submit]"));
await page
    .locator(".ask h2", { hasText: "Done" })
    .waitFor({ timeout: 20_000 })
    .catch(or("the release does not come to its end"));
writeFileSync(file, `${presses} presses, ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
check("presses", presses, 5);
await close();
