// question.ts: a question for the log as a value: its text, of which time, and what it leaves open. It lives in the part
// of the address behind #, which browsers send nowhere: a link holds the whole question, and no server's log does.
import { typed } from "../deed";
import { fitting, type Values } from "./params";

export const spans = ["usual", "today", "yesterday", "day", "between", "all"] as const;
export type Span = (typeof spans)[number];
export interface Question {
    sql: string;
    span: Span;
    day: string; // 2026-11-20
    from: string; // 2026-11-20T14:30, as browsers write it
    to: string;
    params: Values; // of {{day}} and its like
}

export const shown_max = 10_000; // rows that a page holds; the whole answer is a file

export const nothing: Question = { sql: "", span: "usual", day: "", from: "", to: "", params: {} };

export function read_question(hash: string): Question | null {
    const p = new URLSearchParams(hash.replace(/^#/, ""));
    const sql = p.get("sql");
    if (sql === null) return null;
    const span = spans.find((s) => s === p.get("span")) ?? "usual";
    const params = Object.fromEntries(
        [...p].filter(([name]) => name.startsWith("p.")).map(([name, value]) => [name.slice(2), value]),
    );
    return { sql, span, day: p.get("day") ?? "", from: p.get("from") ?? "", to: p.get("to") ?? "", params };
}

export function hash_of(q: Question): string {
    const p = new URLSearchParams({ sql: q.sql });
    if (q.span !== "usual") p.set("span", q.span);
    if (q.span === "day") p.set("day", q.day);
    if (q.span === "between") {
        p.set("from", q.from);
        p.set("to", q.to);
    }
    for (const [name, value] of Object.entries(fitting(q.sql, q.params))) p.set(`p.${name}`, value);
    return `#${p}`;
}

function span_of(q: Question): Record<string, string | boolean> {
    const time = (text: string) => text.replace("T", " ");
    if (q.span === "all") return { all: true };
    if (q.span === "day") return q.day ? { day: q.day } : {};
    if (q.span === "between")
        return { ...(q.from ? { from: time(q.from) } : {}), ...(q.to ? { to: time(q.to) } : {}) };
    return q.span === "usual" ? {} : { day: q.span };
}

export function body_of(q: Question, more: { limit?: number; yes?: boolean } = {}): object {
    const params = fitting(q.sql, q.params);
    return { sql: q.sql, ...span_of(q), ...(Object.keys(params).length ? { params } : {}), ...more };
}

// For a shell, with the token from its environment: nothing that is copied may hold one.
export function curl_of(q: Question): string {
    return [
        `curl -sS ${typed(`${location.origin}/api/v1/log/query`)}`,
        `-H "Authorization: Bearer $RUSUBAN_TOKEN"`,
        `-H 'Content-Type: application/json'`,
        `-d ${typed(JSON.stringify(body_of(q)))}`,
    ].join(" ");
}

// With the address of this page: who reads it is seldom on the server, and there it works too.
export function cli_of(q: Question): string {
    const words = Object.entries(span_of(q)).map(([k, v]) =>
        v === true ? `--${k}` : `--${k} ${typed(String(v))}`,
    );
    const params = Object.entries(fitting(q.sql, q.params)).map(([k, v]) => `--param ${typed(`${k}=${v}`)}`);
    const at = `--at ${typed(location.origin)}`;
    return ["rusuban log sql", typed(q.sql.trim() || "QUESTION"), ...words, ...params, at].join(" ");
}
