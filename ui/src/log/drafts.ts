// drafts.ts: the questions that somebody has open, each in a tab of the page. The one that is shown is in the address
// too; all of them are in this browser's memory until who wrote them signs out.
import { signal } from "@preact/signals";
import { recall, remember } from "../keep";
import { go, where, type Where } from "../router";
import { me } from "../state";
import { hash_of, nothing, read_question, type Question } from "./question";

export interface Draft {
    id: string;
    saved: number | null; // the kept question that it began as
    q: Question;
    at: string; // what the address said of it last
}
interface Kept {
    who: string;
    current: string;
    drafts: { id: string; saved: number | null; hash: string; at: string }[];
}

export const drafts_max = 12;
const memory = "log.drafts";

function blank(): Draft {
    return { id: Math.random().toString(36).slice(2, 10), saved: null, q: nothing, at: "" };
}

export const drafts = signal<Draft[]>([blank()]);
export const current = signal(drafts.peek()[0].id);
export const swapped = signal(0); // counts up when the editor has to show another text

export function draft(): Draft {
    return drafts.value.find((d) => d.id === current.value) ?? drafts.value[0];
}

function name(): string {
    const who = me.peek();
    return typeof who === "string" ? "" : who.name;
}

function keep(): void {
    if (!name()) return; // nothing was read yet that this would take the place of
    const all = drafts.peek().map(({ id, saved, q, at }) => ({ id, saved, at, hash: hash_of(q) }));
    remember(memory, JSON.stringify({ who: name(), current: current.peek(), drafts: all } satisfies Kept));
}

// What stands there may be of another version, or of somebody else.
function load(): void {
    try {
        const kept = JSON.parse(recall(memory) ?? "null") as Kept | null;
        if (!kept || kept.who !== name()) return;
        const all = kept.drafts.slice(0, drafts_max).map(
            (d): Draft => ({
                id: String(d.id),
                saved: Number.isInteger(d.saved) ? d.saved : null,
                q: read_question(String(d.hash)) ?? nothing,
                at: String(d.at),
            }),
        );
        if (!all.length) return;
        drafts.value = all;
        current.value = all.some((d) => d.id === kept.current) ? kept.current : all[0].id;
        swapped.value++;
    } catch {
        // Then one begins with an empty one.
    }
}

function put(d: Draft): void {
    drafts.value = drafts.value.map((x) => (x.id === d.id ? d : x));
}

// Typed by whoever has it open.
export function edit(q: Question): void {
    put({ ...draft(), q });
    keep();
}

function address(d: Draft): string {
    return `/log${d.saved ? `?saved=${d.saved}` : ""}${d.q.sql.trim() ? hash_of(d.q) : ""}`;
}

// Address and draft follow each other in one direction at a time: an address that came from outside is taken once; the
// one that was written here is never read again. A page that read its own would answer itself, for ever.
let written: Where | undefined;

export function is_written(at: Where): boolean {
    return at === written;
}

// The address says what is shown, and whose entry of the history it is.
export function show_address(how: "push" | "replace"): void {
    const d = draft();
    go(address(d), how, { draft: d.id });
    written = where.peek();
    put({ ...d, at: written.hash });
    keep();
}

export function open_draft(id: string): void {
    current.value = id;
    swapped.value++;
    show_address("replace");
}

export function new_draft(): void {
    if (drafts.value.length >= drafts_max) return;
    const d = blank();
    drafts.value = [...drafts.value, d];
    open_draft(d.id);
}

export function close_draft(): void {
    const all = drafts.value;
    const i = all.findIndex((d) => d.id === current.value);
    const rest = all.filter((_, k) => k !== i);
    drafts.value = rest.length ? rest : [blank()];
    open_draft(drafts.value[Math.min(i, drafts.value.length - 1)].id);
}

function is_blank(d: Draft): boolean {
    return !d.q.sql.trim() && !d.saved;
}

function take(d: Draft, q: Question, saved: number | null): void {
    put({ ...d, q, saved });
    open_draft(d.id);
}

// Which of them an address means: the one that this entry of the history is of, the one that shows it, the one that
// began as that kept question; else an empty one, or a new one.
export function arrive(hash: string, saved: number | null): void {
    const q = read_question(hash);
    if (!q) return;
    const now = draft();
    const all = drafts.value;
    const owner = all.find((d) => d.id === (history.state as { draft?: string } | null)?.draft);
    const text = hash_of(q);
    if (owner && owner.at !== hash) return take(owner, q, saved);
    const known = owner ?? [now, ...all].find((d) => d.at === hash || hash_of(d.q) === text);
    if (known) {
        if (known.saved !== saved) put({ ...known, saved: saved ?? (known.id === now.id ? null : known.saved) });
        if (known.id !== now.id) open_draft(known.id);
        else show_address("replace");
        return;
    }
    const began = saved === null ? undefined : all.find((d) => d.saved === saved);
    if (began) return open_draft(began.id);
    if (is_blank(now) || all.length >= drafts_max) return take(now, q, saved);
    const d = { ...blank(), q, saved };
    drafts.value = [...all, d];
    open_draft(d.id);
}

let seen = "";
me.subscribe((who) => {
    if (who === "nobody") {
        drafts.value = [blank()]; // whoever signs in next may be somebody else
        current.value = drafts.value[0].id;
        seen = "";
    } else if (typeof who !== "string" && who.name !== seen) {
        seen = who.name;
        load();
    }
});
