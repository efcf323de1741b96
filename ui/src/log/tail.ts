// tail.ts: lines as they come: a name for the condition, the stream's messages for it, and the last lines. What was read
// stays where it is; nobody's slowness costs more than the lines that are kept.
import { signal } from "@preact/signals";
import { ApiError, act } from "../api";
import { on_news, type News } from "../live";

export interface Line {
    n: number;
    cells: Map<string, string>;
}
export interface Tail {
    state: "asking" | "following" | "away" | "paused" | "failed";
    why: string | null;
    error: ApiError | null;
    lines: Line[];
    skipped: number;
    absent: Absent[];
}
// A label of the condition that no line has had yet: what was meant, perhaps, and what lines have.
export interface Absent {
    absent: string;
    of: number;
    near: string | null;
    labels: string[];
}
interface Told extends Partial<Absent> {
    line?: number;
    skipped?: number;
    lines?: string[];
    state?: "away" | "following";
    why?: string | null;
}

export const kept_lines = 2000;
const silence_ms = 15_000, // the server says something every 5 s
    look_ms = 3000;

export const tail = signal<Tail>({ state: "asking", why: null, error: null, lines: [], skipped: 0, absent: [] });

function cells_of(text: string): Map<string, string> {
    return new Map(
        text.split("\t").map((cell): [string, string] => {
            const colon = cell.indexOf(":");
            return colon < 0 ? [cell, ""] : [cell.slice(0, colon), cell.slice(colon + 1)];
        }),
    );
}

function take(told: Told): void {
    const now = tail.value;
    if (told.state) {
        tail.value = { ...now, state: told.state, why: told.why ?? null };
        return;
    }
    if (told.absent) {
        const one = { absent: told.absent, of: told.of ?? 0, near: told.near ?? null, labels: told.labels ?? [] };
        tail.value = { ...now, absent: [...now.absent.filter((x) => x.absent !== one.absent), one] };
        return;
    }
    const first = told.line ?? 0;
    const lines = (told.lines ?? []).map((text, i): Line => ({ n: first + i, cells: cells_of(text) }));
    tail.value = {
        ...now,
        state: "following",
        why: null,
        error: null,
        lines: [...now.lines, ...lines].slice(-kept_lines),
        skipped: now.skipped + (told.skipped ?? 0),
    };
}

// Ends by what it gives back. The same condition gets the same name, so asking once more costs nothing: after a restart
// of the server, which has forgotten all names, it is what brings the lines back.
export function follow(where: string): () => void {
    let stopped = false,
        topic = "",
        heard = Date.now();
    let stop_news: (() => void) | undefined;
    const on_told = (n: News) => {
        heard = Date.now();
        take(n.body as Told);
    };
    const ask = async () => {
        try {
            const answer = await act<{ topic: string }>("POST", "/log/tail", where ? { where } : {});
            if (stopped || answer.topic === topic) return;
            topic = answer.topic;
            stop_news?.();
            stop_news = on_news([topic], on_told);
        } catch (e) {
            if (!(e instanceof ApiError)) throw e;
            if (!stopped) tail.value = { ...tail.value, state: "failed", error: e };
        }
    };
    const timer = setInterval(() => {
        if (Date.now() - heard < silence_ms || tail.peek().error?.code === "input") return;
        heard = Date.now();
        void ask();
    }, look_ms);
    tail.value = { ...tail.value, state: "asking", why: null, error: null, absent: [] };
    void ask();
    return () => {
        stopped = true;
        clearInterval(timer);
        stop_news?.();
    };
}

export function pause(): void {
    tail.value = { ...tail.value, state: "paused" };
}

export function clear(): void {
    tail.value = { ...tail.value, lines: [], skipped: 0 };
}
