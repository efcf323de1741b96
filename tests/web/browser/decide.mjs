// decide.mjs: who may not approve reads why, and who may; what was rejected looks like a decision, not like a failure.
//
//     node decide.mjs DOOR VIEWER DEVELOPER       release 2 waits for sato; the links are of two who may not
import { check, close, fail, open, or } from "./stage.mjs";

const [door, viewer, developer] = process.argv.slice(2);

function holds(what, text, part) {
    if (!text.includes(part)) fail(`${what}: no "${part}" in "${text}"`);
}

async function come_in(link, how = {}) {
    const b = await open(door, { signed_in: false, expected: ["403"], ...how });
    await b.page.goto(link);
    await b.page.locator("input[type=password]").fill("four quiet sparrows");
    await b.page.keyboard.press("Enter");
    await b.page.waitForURL(`${door}/`);
    await b.settled();
    return b;
}
async function reads(b, who, why) {
    await b.go("/");
    holds(`home tells ${who}`, await b.text(".need p"), why);
    await b.axe(`home for ${who}`);
    await b.page.locator(".need .btn").click();
    await b.page.waitForURL("**/releases/web/2");
    await b.page.locator(".ask h2").waitFor();
    await b.settled();
    holds(`the release tells ${who}`, await b.text(".ask p"), why);
    check(`buttons for ${who}`, await b.page.locator(".ask-acts .btn").count(), 0);
    await b.axe(`a release that ${who} may not approve`);
}

const hana = await come_in(viewer);
await reads(hana, "a viewer",
    "As Viewer you may not decide about releases. sato may approve or reject it.");
await reads(await come_in(developer, { language: "ja", width: 390, height: 844 }), "a developer",
    "web を承認・却下できる人はサイトファイルで決められており、あなたは含まれていません。承認・却下できるのは sato です。"
        .replace("。承認", "。 承認"));


// Who tries all the same is refused, and the audit log has it.
const refused = await hana.page.evaluate(async () => {
    const body = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"name":"tanaka","role":"admin"}' };
    return (await fetch("/api/v1/invites", body)).status;
});
check("an invitation by a viewer", refused, 403);

const b = await open(door);
await b.go("/audit");
const line = async (words) => {
    const row = b.page.locator(".audit-table tbody tr", { hasText: words }).first();
    await row.waitFor({ timeout: 20_000 }).catch(or(`no line of ${words}`));
    return (await row.locator("td:not(.audit-seq):not(.audit-at)").allInnerTexts()).join(" | ");
};
check("the line of what was refused", await line("hana (viewer)"),
    "hana | page, 127.0.0.1 | people invite | /invites | refused hana (viewer) may not do this");
holds("the line of a token", await line("by a token"), " | token ci, 127.0.0.1 | lock set | /locks | service: web, reason: by a token");
await b.axe("the audit log");
await b.go("/releases/web/2");
holds("who may is told what to do", await b.text(".ask p"), "Look at it, then approve or reject.");
await b.page.getByRole("button", { name: "Reject" }).click();
const dialog = b.page.getByRole("dialog");
await dialog.locator("#deed-note").fill("totals are wrong");
await dialog.locator("button[type=submit]").click();
await b.page
    .locator(".ask h2", { hasText: "Rejected and rolled back" })
    .waitFor({ timeout: 60_000 })
    .catch(or("the page does not say that it was rejected"));
check("red steps", await b.page.locator(".step.stopped").count(), 0);
check("where it ended", (await b.text(".step.ended")).replace(/\s+/g, " "), "Rejected ended by a person sato");
check("its canary", await b.page.locator(".step.done", { hasText: "Canary" }).count(), 1);
check("a red page", await b.page.locator(".ask.bad").count(), 0);
const said = await b.text(".ask p");
holds("why", said, '"totals are wrong"');
if (/failed|Mend it/.test(said)) fail(`what a person rejected is told as a failure: ${said}`);
await b.axe("a release that was rejected");
await b.go("/releases");
check("in the list", await b.page.locator(".rel-table tbody tr").first().locator(".mark").innerText(), "Rejected");
await b.go("/");
check("needs nobody", await b.page.locator(".need").count(), 0);
holds("the feed", await b.text(".feed"), "web #2 was rejected");
await close();
