// live.ts: news from the server, one stream for all tabs of this browser. The tab that holds the Web Lock leads: it
// reads GET /api/v1/live and tells the others over a BroadcastChannel. When it goes, the next one leads and resumes
// where the stream broke. After 25 s of silence pages ask anew by themselves.
//
//     const stop = on_change(["release:web/12", "lock"], () => refresh());
//     heard.value                                              "live" | "stale" | "polling" | "off"
import { signal } from "@preact/signals";
import { ApiError, act } from "./api";
import { me } from "./state";

export type Topic = string; // "release" is every subject, "release:web/12" one, "output:web/12" a bulk topic
export interface News {
    seq: string;
    kind: string;
    topic: string;
    subject: string;
    body: unknown;
}
type Heard = "live" | "stale" | "polling" | "off";
type Call =
    | { say: "news"; news: News }
    | { say: "beat" }
    | { say: "resync" }
    | { say: "who" }
    | { say: "want"; tab: string; topics: Topic[] }
    | { say: "gone"; tab: string };

const silence_ms = 25_000,
    poll_ms = 10_000,
    announce_ms = 20_000,
    forget_ms = 65_000,
    gather_ms = 120;
const first_retry_ms = 500,
    last_retry_ms = 15_000;

export const heard = signal<Heard>("off");
export const heard_at = signal(0);
const tab = Math.random().toString(36).slice(2);
const wants = new Map<string, { topics: Topic[]; at: number }>();
const listeners = new Set<{ topics: Topic[]; call: () => void; news?: (n: News) => void }>();
let channel: BroadcastChannel | undefined;
let last_id = "";
let stream_id = "";
let started = false;

function matches(topics: Topic[], n: News): boolean {
    return topics.some((t) => t === n.topic || t === `${n.topic}:${n.subject}`);
}

// The first news is seen at once; what follows it in a burst is one refresh more.
function soon(call: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined,
        more = false;
    const rest = () => {
        timer = more ? setTimeout(rest, gather_ms) : undefined;
        if (more) call();
        more = false;
    };
    return () => {
        more = !!timer;
        if (timer) return;
        timer = setTimeout(rest, gather_ms);
        call();
    };
}

export function on_change(topics: Topic[], call: () => void): () => void {
    const l = { topics, call: soon(call) };
    listeners.add(l);
    announce();
    return () => {
        listeners.delete(l);
        announce();
    };
}

// What is told itself matters, not only that something changed: bulk topics, whose news are in no answer of the API.
export function on_news(topics: Topic[], news: (n: News) => void): () => void {
    const l = { topics, call: () => undefined, news };
    listeners.add(l);
    announce();
    return () => {
        listeners.delete(l);
        announce();
    };
}

// Also for what was done here: nobody waits for the stream to tell them their own deed.
export function everything(): void {
    for (const l of listeners) l.call();
}

function is_heard(): void {
    heard_at.value = Date.now();
    if (heard.value !== "polling") heard.value = "live";
}

function take(n: News): void {
    is_heard();
    for (const l of listeners) {
        if (!matches(l.topics, n)) continue;
        l.call();
        l.news?.(n);
    }
}

// ---- the leader ----

function topic_of(kind: string, body: unknown): [string, string] {
    const b = (body ?? {}) as { topic?: string; subject?: string };
    return [b.topic ?? kind.split(".")[0], b.subject ?? ""];
}

function receive(id: string, kind: string, data: string): void {
    let body: unknown = null;
    try {
        body = data ? JSON.parse(data) : null;
    } catch {
        return; // not ours to guess
    }
    if (id) last_id = id;
    if (kind === "hello") {
        stream_id = String((body as { stream?: string } | null)?.stream ?? "");
        void subscribe();
    } else if (kind === "resync") {
        both({ say: "resync" });
    } else {
        const [topic, subject] = topic_of(kind, body);
        both({ say: "news", news: { seq: id, kind, topic, subject, body } });
    }
}

// text/event-stream: fields by line, an event by an empty line, ":" for a sign of life.
async function read_stream(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body
        .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
        .getReader();
    let rest = "",
        id = "",
        kind = "",
        data: string[] = [];
    for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        both({ say: "beat" });
        const lines = (rest + value).split(/\r?\n/);
        rest = lines.pop()!;
        for (const line of lines) {
            if (line === "") {
                if (kind || data.length) receive(id, kind, data.join("\n"));
                id = kind = "";
                data = [];
                continue;
            }
            const colon = line.indexOf(":");
            const value_at = line[colon + 1] === " " ? colon + 2 : colon + 1;
            if (colon < 1) continue;
            const name = line.slice(0, colon),
                text = line.slice(value_at);
            if (name === "id") id = text;
            else if (name === "event") kind = text;
            else if (name === "data") data.push(text);
        }
    }
}

function bulk_wanted(): Topic[] {
    const now = Date.now();
    for (const [name, w] of wants) if (now - w.at > forget_ms) wants.delete(name);
    const all = [...wants.values()].flatMap((w) => w.topics);
    return [...new Set(all)]
        .filter((t) => /^(output|tail):/.test(t))
        .sort()
        .slice(0, 16);
}

let subscribed = "";
async function subscribe(): Promise<void> {
    const topics = bulk_wanted();
    const now = `${stream_id} ${topics.join(" ")}`;
    if (!stream_id || now === subscribed || (!topics.length && !subscribed.startsWith(stream_id))) return;
    subscribed = now;
    try {
        await act("PUT", `/live/${encodeURIComponent(stream_id)}`, { topics });
    } catch (e) {
        if (!(e instanceof ApiError)) throw e;
        subscribed = ""; // asked again with the next announcement
    }
}

function pause(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms));
}

function signed_in(): Promise<void> {
    return new Promise((done) => {
        const stop = me.subscribe((who) => {
            if (typeof who === "string") return;
            done();
            queueMicrotask(() => stop());
        });
    });
}

let reading = new AbortController();

// Whoever signs out hangs up before the server does, which browsers would tell as a failure.
export function hang_up(): void {
    reading.abort();
}

async function lead(): Promise<never> {
    let retry = first_retry_ms;
    me.subscribe((who) => {
        if (who === "nobody") hang_up();
    });
    both({ say: "who" });
    for (;;) {
        await signed_in();
        try {
            const headers: Record<string, string> = { Accept: "text/event-stream" };
            if (last_id) headers["Last-Event-ID"] = last_id;
            reading = new AbortController();
            const r = await fetch("/api/v1/live", { headers, cache: "no-store", signal: reading.signal });
            if (r.ok && r.body) {
                retry = first_retry_ms;
                everything_anywhere();
                await read_stream(r.body);
            } else if (r.status === 401) me.value = "nobody";
        } catch {
            // Gone in the middle, or not there: try again below.
        }
        stream_id = "";
        await pause(retry * (0.75 + Math.random() / 2));
        retry = Math.min(retry * 2, last_retry_ms);
    }
}

// A stream that begins anew without an id to resume from may have missed something.
function everything_anywhere(): void {
    if (!last_id) both({ say: "resync" });
}

// ---- tabs among themselves ----

function both(c: Call): void {
    channel?.postMessage(c);
    hear(c);
}

function hear(c: Call): void {
    if (c.say === "news") {
        if (c.news.seq) last_id = c.news.seq;
        take(c.news);
    } else if (c.say === "beat") is_heard();
    else if (c.say === "resync") everything();
    else if (c.say === "who") announce();
    else if (c.say === "want") {
        wants.set(c.tab, { topics: c.topics, at: Date.now() });
        void subscribe();
    } else wants.delete(c.tab);
}

function announce(): void {
    if (!channel) return;
    both({ say: "want", tab, topics: [...new Set([...listeners].flatMap((l) => l.topics))] });
}

function watch_silence(): void {
    if (heard.value === "polling") everything();
    else if (heard_at.value && Date.now() - heard_at.value > silence_ms) {
        heard.value = "stale";
        everything();
    }
}

export function start_live(): void {
    if (started) return;
    started = true;
    heard_at.value = Date.now();
    setInterval(watch_silence, poll_ms);
    if (!navigator.locks || !("BroadcastChannel" in window)) {
        heard.value = "polling"; // plain HTTP on a name that is not this machine's own
        return;
    }
    heard.value = "live";
    channel = new BroadcastChannel("rusuban-live");
    channel.onmessage = (m) => hear(m.data as Call);
    setInterval(announce, announce_ms);
    addEventListener("pagehide", () => channel?.postMessage({ say: "gone", tab } satisfies Call));
    addEventListener("online", everything);
    void navigator.locks.request("rusuban-live", lead);
}
