// run.ts: a question under way and what has come of it so far. One is under way at a time; what came of the last one of
// each draft stays when another one is shown, or the page is left.
import { signal } from "@preact/signals";
import type { Api, Cost, QueryColumn, QueryDone } from "../answers";
import { ApiError, ask_lines, broken } from "../api";
import { me, timezone } from "../state";
import { current, drafts } from "./drafts";
import { wall_text } from "./drawing";
import { body_of, shown_max, type Question } from "./question";

type Line = Api["POST /log/query"]["line"];
export type Column = QueryColumn;
export type Cell = string | number | boolean | null | object;
export type Done = QueryDone["done"];
export interface Outcome {
    state: "idle" | "running" | "done" | "stopped" | "failed";
    question: Question | null;
    columns: Column[];
    rows: Cell[][];
    note: string | null;
    estimate: Cost | null;
    done: Done | null;
    error: ApiError | null;
}

const nothing: Outcome = {
    state: "idle",
    question: null,
    columns: [],
    rows: [],
    note: null,
    estimate: null,
    done: null,
    error: null,
};
const draw_ms = 120; // rows come faster than they can be drawn

export const outcome = signal<Outcome>(nothing); // of the draft that is shown
const outcomes = new Map<string, Outcome>();
let running: AbortController | undefined;

// Moments come in UTC; people of the site read its own clock.
function on_wall_clock(columns: Column[], row: Cell[]): Cell[] {
    return row.map((cell, i) => (columns[i].type === "timestamp" ? wall_text(cell, timezone.value) : cell));
}

// What comes first is the head, then rows, then the end.
function taker(o: Outcome, tell: () => void): (line: unknown) => void {
    let drawn = 0;
    return (said) => {
        const line = said as Line;
        if (Array.isArray(line)) {
            o.rows.push(on_wall_clock(o.columns, line as Cell[]));
            if (o.rows.length % 64 || Date.now() - drawn < draw_ms) return;
            drawn = Date.now();
            tell();
        } else if ("done" in line) {
            o.done = line.done;
        } else {
            o.columns = line.columns;
            o.note = line.note;
            o.estimate = line.estimate;
            tell();
        }
    };
}

export async function run(q: Question, yes = false): Promise<void> {
    running?.abort();
    const mine = (running = new AbortController());
    const o: Outcome = { ...nothing, state: "running", question: q, rows: [] };
    const home = current.peek();
    const tell = () => {
        outcomes.set(home, { ...o });
        show_outcome();
    };
    tell();
    try {
        await ask_lines("/log/query", body_of(q, { limit: shown_max, yes }), taker(o, tell), mine.signal);
        if (!o.done) throw broken();
        o.state = "done";
    } catch (e) {
        if (e instanceof ApiError) {
            o.state = "failed";
            o.error = e;
        } else if ((e as Error).name === "AbortError") o.state = "stopped";
        else throw e;
    }
    if (running === mine) running = undefined;
    else if (outcomes.get(home)?.question !== q) return; // another one was asked meanwhile, here
    if (outcomes.has(home)) tell();
}

function show_outcome(): void {
    outcome.value = outcomes.get(current.peek()) ?? nothing;
}
current.subscribe(show_outcome);
drafts.subscribe((all) => {
    for (const id of outcomes.keys()) if (!all.some((d) => d.id === id)) outcomes.delete(id);
});

export function stop(): void {
    running?.abort();
}

// Whoever signs in next in this tab may not be who asked.
me.subscribe((who) => {
    if (who !== "nobody") return;
    stop();
    running = undefined;
    outcomes.clear();
    outcome.value = nothing;
});
