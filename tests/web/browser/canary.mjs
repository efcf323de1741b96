// canary.mjs: a canary that fails, and a roll back by clicks.
//
//     node canary.mjs DOOR bad READY      release 2 begins when the file READY is there; its canary answers 500
//     node canary.mjs DOOR back           release 3 is live, and 1 is where it goes back to
//     node canary.mjs DOOR ends STORE     how release 2 reads, had it ended otherwise
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { check, close, fail, open, or } from "./stage.mjs";

const [door, act, file] = process.argv.slice(2);
const b = await open(door);
const phone = { language: "ja", width: 390, height: 844 };

function holds(what, text, part) {
    if (!text.includes(part)) fail(`${what}: no "${part}" in "${text}"`);
}
async function becomes(selector, text, what) {
    await b.page
        .waitForFunction(([s, t]) => document.querySelector(s)?.textContent.includes(t), [selector, text], {
            timeout: 40_000,
        })
        .catch(async () => fail(`${what} never says "${text}" but "${await b.text(selector).catch(() => "")}"`));
}
async function on_a_phone(path, sentence) {
    const p = await open(door, phone);
    await p.go(path);
    holds("on a phone", await p.text(".ask"), sentence);
    await p.no_sideways(path);
    await p.axe(path);
}

async function bad() {
    await b.go("/");
    check("nothing is to be done at first", await b.page.locator(".need").count(), 0);
    writeFileSync(file, "");
    await b.page.getByRole("link", { name: "web #2" }).first().click({ timeout: 40_000 });
    await b.page.waitForURL("**/releases/web/2");
    await becomes(".step.now b", "Canary", "the stepper");
    await becomes(".ask h2", "Rolled back", "the page");
    holds("where it stopped", await b.text(".step.stopped b"), "Canary");
    check("steps that never came", await b.page.locator(".step.todo").count(), 0);
    const said = await b.text(".ask p");
    holds("what failed", said, 'The step "check" failed on app1.');
    holds("who saw it", said, "Only the canary (app1) had it, and it runs 1 again. No other host has seen it.");
    holds("what to do", said, "Mend it and push again");
    holds("why, in the words of the check", await b.text(".ask-why"), "answered 500, not 200");
    await b.axe("a release that went back");

    await b.go("/");
    check("what needs somebody", await b.page.locator(".need").count(), 1);
    holds("the list of what needs you", await b.text(".need"), "web #2 was taken back from the hosts that had it");
    holds("the feed", await b.text(".feed"), "web #2 was rolled back");
    await b.page.locator(".need .btn").click();
    await b.page.waitForURL("**/releases/web/2");
    await on_a_phone("/releases/web/2", "切り替えたのはカナリア（app1）だけで、1 に戻りました。ほかのホストには出ていません。");
}

async function back() {
    await b.go("/");
    check("nobody is needed once the next one is live", await b.page.locator(".need").count(), 0);
    await b.go("/releases/web/3");
    const button = b.page.getByRole("button", { name: /^Roll back to 1, about [\d.,]+ s$/ });
    const about = /about (.*)$/.exec(await button.innerText())[1];
    await button.click();
    const dialog = b.page.getByRole("dialog");
    check("what will happen", await dialog.getByRole("heading").innerText(), "Roll web back to 1");
    holds("how long it takes", await dialog.innerText(), `Takes about ${about}.`);
    await dialog.locator("#deed-reason").fill("search is empty");
    check(
        "the same as a command",
        await dialog.locator("code").innerText(),
        "rusuban release rollback web --to 1 --reason 'search is empty'",
    );
    await dialog.locator("button[type=submit]").click();
    await b.page.waitForURL("**/releases/web/4");
    await becomes(".ask h2", "Done", "the roll back");
    await becomes(".ask p", "Every host runs 1.", "the roll back");
    await becomes(".ask p", 'Why: "search is empty".', "the roll back");
    await becomes(".ask p", "web is locked by sato", "the roll back");
    holds("how long it took", await b.text(".facts"), "Took");
    await b.axe("a roll back that is done");
    await on_a_phone("/releases/web/4", "すべてのホストが 1 です。");
    await b.page.getByRole("button", { name: "Lift" }).click();
    await dialog.locator("button[type=submit]").click();
    await dialog.waitFor({ state: "detached" }); // its button is called Lift, too
    await b.page
        .getByRole("button", { name: "Lift" })
        .waitFor({ state: "detached" })
        .catch(or("the lock is still there to be lifted"));
}

// Each end with a sentence of its own: who saw it, what runs now, what to do.
const steps = (how) =>
    `delete from release_step where release = (select id from release where number = 2) and ${how};`;
const ends = [
    ["rolled_back", "stopped = 'aborted', stopped_by = 'mei', why = 'aborted'", "", "Aborted and rolled back", "Aborted by mei.",
        "中止して戻しました", "1 に戻りました"],
    ["left", "stopped = ''", "", "Ended, hosts left as they were", "The next release makes them one again",
        "ホストをそのままにして終了しました", "次のリリースですべて揃います"],
    ["failed", "why = 'build: bin/build exited with 3'", steps("state <> 'building'"), "Failed",
        "No host was switched: all run 1 as before", "失敗しました", "すべて 1 のままです"],
    ["failed", "stopped = 'aborted', stopped_by = 'mei', why = 'aborted'", "", "Aborted", "no visitor has seen it",
        "中止しました", "訪問者には見えていません"],
    ["cancelled", "stopped = '', why = ''", "", "Cancelled", "Nothing was touched", "取り消されました",
        "何も変更していません"],
    ["superseded", "why = ''", "", "A newer one took its place", "A newer push came", "新しいリリースに置き換わりました",
        "新しいプッシュがありました"],
];
async function read(at, title, sentence) {
    await at.go("/releases/web/2");
    check("how it ended", await at.text(".ask h2"), title);
    holds(title, await at.text(".ask p"), sentence);
}
async function how_ends_read() {
    const p = await open(door, phone);
    for (const [state, set, more, title, sentence, title_ja, sentence_ja] of ends) {
        const change = `update release set state = '${state}', ${set} where number = 2; ${more}`;
        execFileSync("sqlite3", ["-cmd", ".timeout 5000", file, change]);
        await read(b, title, sentence);
        await read(p, title_ja, sentence_ja);
    }
}

await { bad, back, ends: how_ends_read }[act]();
await close();
