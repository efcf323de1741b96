// words_check.ts: what the types must not let through; in no page. tests/web/ui.sh reads it with the others.
import type { Item } from "./answers";
import { say, say_of } from "./words";

export function refused(x: Item): void {
    // @ts-expect-error: a message with a parameter, without it
    say("home.needs");
    // @ts-expect-error: by another name
    say("home.needs", { count: 3 });
    // @ts-expect-error: one that may be null, as a release that has not ended has no took
    say("item.release.live", { took: null });
    // @ts-expect-error: what this kind of item does not bring
    say("item.alarm.slow", x.args);
    // @ts-expect-error: one of a family that needs more
    say_of("tile", "app.live", { number: 7 });
}
