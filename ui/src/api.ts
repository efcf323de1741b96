// api.ts: the one way to the server. Reading keeps the last 200 answers, shows them at once and then checks; acting
// brings a key, so that a press acts once however often it is sent; every failure is one kind of error with the
// server's words.
import { another_build, build, me, no_account } from "./state";
import { browser_language, language, say } from "./words";

export interface Place {
    in: string;
    name: string | null;
    line: number | null;
    col: number | null;
}
interface Told {
    code: string;
    message: string;
    hint: string | null;
    lang?: string; // of message and hint: what it cannot say in the reader's language is English
    place: Place | null;
    details: { message: string; lang: string; place: Place | null }[];
    retry_after_s: number | null;
    request: string | null;
}

export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly told: Told,
    ) {
        super(told.message);
    }
    get code(): string {
        return this.told.code;
    }
    // For elements that show message and hint: nothing where it is the page's own language.
    get lang(): string | undefined {
        return foreign(this.told.lang);
    }
    // Nobody knows whether it was done: the same key may be sent again.
    get unsure(): boolean {
        return this.status === 0;
    }
}

export function foreign(lang?: string): string | undefined {
    return lang === language.value ? undefined : lang;
}

export interface Answer<T> {
    data: T;
    etag: string | null;
    at: number;
}

const kept_max = 200,
    keepalive_max = 16_000;
const kept = new Map<string, Answer<unknown>>();
const base = "/api/v1";

function keep(path: string, answer: Answer<unknown>): void {
    kept.delete(path);
    kept.set(path, answer);
    if (kept.size > kept_max) kept.delete(kept.keys().next().value!);
}

export function forget_answers(): void {
    kept.clear();
}

export function known<T>(path: string): Answer<T> | undefined {
    return kept.get(path) as Answer<T> | undefined;
}

function plain(code: string, message: string, hint: string | null = null): Told {
    return { code, message, hint, lang: language.value, place: null, details: [], retry_after_s: null, request: null };
}

// Where the server would take another language for ours: that of the account, or of the browser (web/said.h).
function spoken(): Record<string, string> {
    const who = me.value;
    if (who === "unknown") return {}; // the first questions are on their way already, as the browser asks them
    const theirs = (who !== "nobody" && who.language) || browser_language();
    return theirs === language.value ? {} : { "Rusuban-Language": language.value };
}

async function send(path: string, how: RequestInit): Promise<Response> {
    try {
        return await fetch(base + path, { ...how, headers: { ...how.headers, ...spoken() } });
    } catch (e) {
        if ((e as Error).name === "AbortError") throw e;
        throw new ApiError(0, plain("unreachable", say("error.unreachable"), say("error.unreachable_hint")));
    }
}

function notice(r: Response): void {
    const theirs = r.headers.get("Rusuban-Build");
    if (theirs && build.value && theirs !== build.value) another_build.value = true;
    else if (theirs) build.value = theirs;
}

async function body_of(r: Response): Promise<unknown> {
    if (!r.headers.get("Content-Type")?.startsWith("application/json")) return null;
    return r.json().catch(() => null);
}

// A wrong password is told as signed_out too, but says nothing about who is signed in.
const asks_password = ["/session", "/step-up", "/me/password"];

async function failed(r: Response, path: string): Promise<ApiError> {
    const body = (await body_of(r)) as { error?: Told } | null;
    const told = body?.error ?? plain("bug", say("error.no_words", { status: r.status }));
    if (told.code === "signed_out" && !asks_password.includes(path)) {
        no_account.value = !!told.hint?.includes("rusuban admin invite");
        me.value = "nobody";
    }
    return new ApiError(r.status, told);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
    const r = await send(path, { signal });
    notice(r);
    if (!r.ok) throw await failed(r, path);
    const etag = r.headers.get("ETag");
    const before = known<T>(path);
    // Unchanged: the same object, so that nothing is drawn anew.
    const data = etag && before?.etag === etag ? before.data : ((await r.json()) as T);
    const answer = { data, etag, at: Date.now() };
    keep(path, answer);
    return answer;
}

export function make_key(): string {
    const b = crypto.getRandomValues(new Uint8Array(16));
    return [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
}

export type Method = "POST" | "PUT" | "DELETE";

export async function act<T>(
    method: Method,
    path: string,
    body: object = {},
    key = make_key(),
    match?: string,
): Promise<T> {
    const headers: Record<string, string> = { "Content-Type": "application/json", "Idempotency-Key": key };
    if (match) headers["If-Match"] = match;
    const text = method === "DELETE" ? undefined : JSON.stringify(body);
    // What was pressed arrives also when the page is left at once; browsers send at most 64 KB that way.
    const keepalive = (text ?? "").length < keepalive_max;
    const r = await send(path, { method, headers, body: text, keepalive });
    notice(r);
    if (!r.ok) throw await failed(r, path);
    return ((await body_of(r)) ?? {}) as T;
}

// ---- answers without an end in sight

async function ask(path: string, body: object, accept: string, signal?: AbortSignal): Promise<Response> {
    const headers = { "Content-Type": "application/json", Accept: accept };
    const r = await send(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    notice(r);
    if (!r.ok) throw await failed(r, path);
    return r;
}

// Told in one object: POST that changes nothing, such as an estimate.
export async function ask_one<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    return (await ask(path, body, "application/json", signal)).json() as Promise<T>;
}

export async function ask_file(path: string, body: object, accept: string): Promise<Blob> {
    const r = await ask(path, body, accept);
    return r.blob().catch(() => {
        throw broken();
    });
}

export function broken(): ApiError {
    return new ApiError(0, plain("broken", say("error.broken"), say("error.broken_hint")));
}

// Lines of JSON, each given away as it comes. An error that is told in its middle is the last line, and thrown.
export async function ask_lines(
    path: string,
    body: object,
    take: (line: unknown) => void,
    signal: AbortSignal,
): Promise<void> {
    const r = await ask(path, body, "application/x-ndjson", signal);
    const text = r.body!.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
    const reader = text.getReader();
    let rest = "";
    for (;;) {
        const { value, done } = await reader.read().catch((e) => {
            throw (e as Error).name === "AbortError" ? e : broken();
        });
        if (done) return;
        const lines = (rest + value).split("\n");
        rest = lines.pop()!;
        for (const line of lines) {
            const said = JSON.parse(line) as { error?: Told };
            if (said.error) throw new ApiError(r.status, said.error);
            take(said);
        }
    }
}
