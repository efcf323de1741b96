// item.ts: what the server tells by a kind and its arguments, as words: the subject, which is a link, and what is the
// matter.
import { may_not } from "./decide";
import type { Tone } from "./icon";
import type { How, Item, ItemArgs, Tile, TileArgs } from "../shapes";
import { took } from "../time";
import { language, say, say_of, say_or } from "../words";

export function tone_of(how: How): Tone {
    return how === "running" ? "run" : how;
}

// What is said of each kind: the types hold a row for every kind that the API has, and every row to what that brings.
type Told = { subject: string; words: string };
type Item_of = { [K in keyof ItemArgs]: (a: ItemArgs[K]) => Told };

function release(a: ItemArgs["release.ended"], words: string): Told {
    return { subject: `${a.service} #${a.number}`, words };
}

function ended(a: ItemArgs["release.ended"]): string {
    if (a.stopped && (a.state === "rolled_back" || a.state === "failed"))
        return say("item.release.ended", { state: say_of("doing", a.stopped) });
    if (a.state !== "done" || a.took_ms === null) return say("item.release.ended", { state: say_of("doing", a.state) });
    const p = { took: took(a.took_ms) };
    return a.kind === "rollback" ? say("item.release.back", { ...p, target: a.target }) : say("item.release.live", p);
}

function alarm(a: ItemArgs["alarm.raised"]): string {
    if (a.rule === "errors") return say("item.alarm.errors");
    return a.rule === "slow and new" ? say("item.alarm.fresh", a) : say("item.alarm.slow", a);
}

const items: Item_of = {
    "release.running": (a) => release(a, say_of("doing", a.state)),
    "release.asking": (a) => release(a, say("item.release.asking")),
    "release.stuck": (a) => release(a, say("item.release.stuck")),
    "release.held": (a) => release(a, say("item.release.held")),
    "release.ended": (a) => release(a, ended(a)),
    "release.bad": (a) => release(a, a.state === "failed" ? say("item.release.failed") : say("item.release.went_back")),
    "lock.set": (a) => ({ subject: a.service, words: say("item.lock.set") }),
    "host.silent": (a) => ({ subject: a.host, words: say("item.host.silent") }),
    "role.fallen": (a) => ({ subject: a.name, words: say("item.role.fallen") }),
    "alarm.raised": (a) => ({ subject: a.page, words: alarm(a) }),
    "alarm.closed": (a) => ({ subject: a.page, words: say("item.alarm.closed") }),
    "site.mistake": () => ({ subject: "", words: say("item.site.mistake") }),
};

// A newer server may know more kinds than this page: then its own sentence says it all.
export function words_of(x: Item): Told {
    const of = items[x.kind as keyof ItemArgs] as ((a: Item["args"]) => Told) | undefined;
    return language.value && of ? of(x.args) : { subject: "", words: x.text };
}

export function title_of(x: Item): string {
    const { subject, words } = words_of(x);
    return subject ? `${subject} ${words}` : words;
}

export function why_of(x: Item): string {
    if ("deciders" in x.args && x.args.deciders && !x.args.deciders.you)
        return may_not(x.args.deciders, x.args.service);
    return say_or("why", x.kind, x.why ?? "");
}

// Of the release that an item is about.
export function number_of(x: Item): number {
    return "number" in x.args ? Number(x.args.number) : 0;
}

// The release that moves the hosts of a tile.
export function under_way(t: Tile, happening: Item[]): Item | undefined {
    return t.how === "running"
        ? happening.find((x) => x.kind === "release.running" && "service" in x.args && x.args.service === t.name)
        : undefined;
}

function app(a: TileArgs["app.live"]): string {
    return a.silent ? say("tile.app.silent", a) : a.out ? say("tile.app.out", a) : say("tile.app.live", a);
}

const tiles: { [K in keyof TileArgs]: (a: TileArgs[K]) => string } = {
    "app.live": app,
    "app.new": () => say("tile.app.new"),
};

export function tile_note(t: Tile): string {
    if (!language.value) return t.text;
    const note = tiles[t.kind as keyof TileArgs]?.(t.args) ?? t.text;
    return t.args.locked ? say("tile.locked", { note }) : note;
}
