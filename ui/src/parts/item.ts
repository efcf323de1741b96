// item.ts: what the server tells by a kind and its arguments, as words: the subject, which is a link, and what is the
// matter.
import type { Tone } from "./icon";
import type { Args, How, Item, Tile } from "../shapes";
import { took } from "../time";
import { say_of, say_or, type Params } from "../words";

export function tone_of(how: How): Tone {
    return how === "running" ? "run" : how;
}

function params(args: Args): Params {
    const p: Params = {};
    for (const [k, v] of Object.entries(args)) if (v !== null) p[k] = typeof v === "boolean" ? String(v) : v;
    if (typeof args.state === "string") p.state = say_of("doing", args.state);
    if (typeof args.took_ms === "number") p.took = took(args.took_ms);
    return p;
}

// "" where the sentence of the server says it all.
export function subject_of(x: Item): string {
    const a = x.args;
    if (a.service && a.number) return `${a.service} #${a.number}`;
    return String(a.service ?? a.host ?? a.page ?? a.name ?? "");
}

const rules: Record<string, string> = { errors: "alarm.errors", "slow and new": "alarm.fresh" };

function kind_of(x: Item): string {
    if (x.kind === "alarm.raised") return rules[String(x.args.rule)] ?? "alarm.slow";
    const live = x.kind === "release.ended" && x.args.state === "done" && x.args.took_ms !== null;
    return !live ? x.kind : x.args.kind === "rollback" ? "release.back" : "release.live";
}

function known(x: Item): string | null {
    const kind = kind_of(x);
    const words = say_or("item", kind, params(x.args), "");
    return words || null;
}

export function words_of(x: Item): { subject: string; words: string } {
    const words = known(x);
    return words === null ? { subject: "", words: x.text } : { subject: subject_of(x), words };
}

export function title_of(x: Item): string {
    const { subject, words } = words_of(x);
    return subject ? `${subject} ${words}` : words;
}

export function why_of(x: Item): string {
    return say_or("why", x.kind, params(x.args), x.why ?? "");
}

// The release that moves the hosts of a tile.
export function under_way(t: Tile, happening: Item[]): Item | undefined {
    return t.how === "running"
        ? happening.find((x) => x.kind === "release.running" && x.args.service === t.name)
        : undefined;
}

export function tile_note(t: Tile): string {
    const kind =
        t.kind === "app.live" && t.args.silent
            ? "app.silent"
            : t.kind === "app.live" && t.args.out
              ? "app.out"
              : t.kind;
    return say_or("tile", kind, params(t.args), t.text);
}
