// shots.mjs: pictures of pages, for looking at: `make screenshots`.
//
//     node shots.mjs DOOR DIR NAME=PATH...
import { close, open } from "./stage.mjs";

const [door, dir, ...shots] = process.argv.slice(2);
const kinds = [
    ["light", "en", 1440, 900],
    ["dark", "en", 1440, 900],
    ["light", "ja", 1440, 900],
    ["light", "en", 390, 844],
    ["dark", "ja", 390, 844],
];
for (const [theme, language, width, height] of kinds) {
    const known = await open(door, { theme, language, width, height }),
        stranger = await open(door, { theme, language, width, height, signed_in: false });
    for (const shot of shots) {
        const [name, path] = [shot.slice(0, shot.indexOf("=")), shot.slice(shot.indexOf("=") + 1)];
        const b = path === "/sign-in" ? stranger : known;
        await b.go(path);
        if (path.startsWith("/log#")) {
            await b.page.getByRole("button", { name: /^(Run|実行)/ }).click();
            await b.page.locator(".grid tbody tr").first().waitFor();
        }
        await b.page.waitForTimeout(400);
        await b.page.screenshot({
            path: `${dir}/${name}-${theme}-${language}-${width}.png`,
            fullPage: width < 500,
        });
    }
    await known.page.context().close();
    await stranger.page.context().close();
}
await close();
