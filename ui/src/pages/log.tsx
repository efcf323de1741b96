// log.tsx: questions for the log: what there is to ask about, the question, how much it would read, and what came of it.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, ask_file, ask_one } from "../api";
import { deed } from "../deed";
import { arrive, draft, edit, is_written, show_address, swapped } from "../log/drafts";
import { focus_param, Given } from "../log/given";
import { missing } from "../log/params";
import { around, drawing_of, measures_of, to_wall_s, unit_of } from "../log/drawing";
import {
    body_of,
    cli_of,
    curl_of,
    hash_of,
    nothing,
    read_question,
    shown_max,
    spans,
    type Question,
    type Span,
} from "../log/question";
import { outcome, run, stop, type Outcome } from "../log/run";
import { change_deed, forget_deed, save_deed } from "../log/saving";
import { Strip } from "../log/strip";
import { LogTabs } from "../log/tabs";
import { Tree } from "../log/tree";
import { Chart, type Marked } from "../parts/chart";
import { focus_editor, SqlEditor, type Editor, type Place, type Tables } from "../parts/editor";
import { Grid } from "../parts/grid";
import { Icon } from "../parts/icon";
import { Hint, Trouble } from "../parts/panel";
import { copy } from "../parts/strip";
import { use_resource } from "../resource";
import { where, type PageProps } from "../router";
import type { Estimate, List, Marker, Saved, Table } from "../shapes";
import { may, me, tell, timezone } from "../state";
import { size, took } from "../time";
import { number, say, say_of } from "../words";

const pause_ms = 600; // after the last letter, until it is asked how much a question would read
const much_bytes = 2_000_000_000; // what the server asks before

const examples: [string, string][] = [
    [
        "slow",
        "select page, count(*) as requests, quantile_cont(reqtime, 0.95) as p95_ms\nfrom access_log\ngroup by page\nhaving count(*) >= 20\norder by p95_ms desc\nlimit 50",
    ],
    [
        "errors",
        "select time_bucket(interval 15 minutes, time) as t, status, count(*) as hits\nfrom access_log\nwhere status >= 400\ngroup by all\norder by t",
    ],
    ["hours", "select dt, hour, count(*) as requests\nfrom access_log\ngroup by all\norder by dt, hour"],
];

// ---- the run bar

function use_estimate(q: Question): { estimate: Estimate | null; error: ApiError | null } {
    const [told, tell_it] = useState<{ estimate: Estimate | null; error: ApiError | null }>({
        estimate: null,
        error: null,
    });
    const asked = JSON.stringify(body_of(q));
    useEffect(() => {
        tell_it({ estimate: null, error: null });
        if (!q.sql.trim() || !may("log_read") || missing(q.sql, q.params)) return;
        const mine = new AbortController();
        const timer = setTimeout(async () => {
            try {
                const estimate = await ask_one<Estimate>("/log/estimate", body_of(q), mine.signal);
                tell_it({ estimate, error: null });
            } catch (e) {
                if (e instanceof ApiError) tell_it({ estimate: null, error: e });
                else if ((e as Error).name !== "AbortError") throw e;
            }
        }, pause_ms);
        return () => {
            clearTimeout(timer);
            mine.abort();
        };
    }, [asked]);
    return told;
}

function When({ q, set }: { q: Question; set: (q: Question) => void }) {
    return (
        <>
            <select
                class="log-when"
                aria-label={say("log.when")}
                value={q.span}
                onChange={(e) => set({ ...q, span: e.currentTarget.value as Span })}>
                {spans.map((s) => (
                    <option value={s}>{say_of("span", s)}</option>
                ))}
            </select>
            {q.span === "day" ? (
                <input
                    type="date"
                    aria-label={say("span.day")}
                    value={q.day}
                    onInput={(e) => set({ ...q, day: e.currentTarget.value })}
                />
            ) : null}
            {q.span === "between" ? (
                <>
                    <input
                        type="datetime-local"
                        aria-label={say("log.from")}
                        value={q.from}
                        onInput={(e) => set({ ...q, from: e.currentTarget.value })}
                    />
                    <input
                        type="datetime-local"
                        aria-label={say("log.to")}
                        value={q.to}
                        onInput={(e) => set({ ...q, to: e.currentTarget.value })}
                    />
                </>
            ) : null}
        </>
    );
}

function place_of(e: ApiError | null): Place | null {
    const p = e?.told.place;
    return p?.in === "sql" && p.line && p.col ? { line: p.line, col: p.col } : null;
}

function Would({ q, told }: { q: Question; told: { estimate: Estimate | null; error: ApiError | null } }) {
    const { estimate: x, error } = told;
    const open = missing(q.sql, q.params);
    if (open) return <span>{say("log.fill", { name: open })}</span>;
    if (error) {
        const p = place_of(error);
        return (
            <span class="log-wrong">
                {p ? say("log.place", { line: p.line, col: p.col }) : ""} <span lang={error.lang}>{error.message}</span>
            </span>
        );
    }
    if (!x) return null;
    const read = say("log.would", { size: size(x.read_bytes), n: x.files, of: number(x.of_files) });
    const part = x.of_files ? Math.max(2, (100 * x.files) / x.of_files) : 0;
    return (
        <span class={x.read_bytes > much_bytes ? "log-wrong" : ""}>
            {x.files ? (
                <i class="log-part" aria-hidden="true">
                    <b style={{ width: `${part}%` }} />
                </i>
            ) : null}
            {read}
        </span>
    );
}

async function download(q: Question): Promise<void> {
    tell(say("log.csv_begins"));
    try {
        const blob = await ask_file("/log/query", body_of(q, { yes: true }), "text/csv");
        const a = document.createElement("a");
        a.href = URL.createObjectURL(blob);
        a.download = "answer.csv";
        a.click();
        setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
    } catch (e) {
        if (!(e instanceof ApiError)) throw e;
        tell(e.message);
    }
}

// ---- what came of it

// Whether an answer is the one to what is written now.
function is_of(o: Outcome, q: Question): boolean {
    const text = (x: Question) => hash_of({ ...x, sql: x.sql.trim() });
    return o.state === "running" || (!!o.question && text(o.question) === text(q));
}

function Head({ o, before }: { o: Outcome; before: boolean }) {
    const words: Record<Outcome["state"], () => string> = {
        idle: () => "",
        running: () => (o.rows.length ? say("log.so_far", { n: o.rows.length }) : say("log.running")),
        done: () => say("log.done", { took: took(o.done?.took_ms ?? 0) }),
        stopped: () => say("log.stopped"),
        failed: () => say("log.failed"),
    };
    const tones = { idle: "info", running: "run", done: "ok", stopped: "warn", failed: "bad" } as const;
    const tone = before ? "wait" : tones[o.state];
    return (
        <>
            <span class={`mark ${tone}`} role="status">
                <Icon tone={tone} />
                {before ? say("log.before") : words[o.state]()}
            </span>
            {o.done ? (
                <span class="sub num">
                    {o.done.more
                        ? say("log.first_rows", { n: o.rows.length })
                        : say("log.rows", { n: o.done.rows })}{" "}
                    {say("log.read", { size: size(o.done.read_bytes) })}
                </span>
            ) : null}
        </>
    );
}

function marks_of(list: Marker[], zone: string | null): Marked[] {
    return list.map((m) => ({
        at: to_wall_s(m.at, zone),
        text:
            m.kind === "rollback"
                ? say("mark.back", { service: m.service, number: m.target })
                : say("mark.out", { service: m.service, number: m.number }),
    }));
}

function Drawn({ o, measure }: { o: Outcome; measure: string }) {
    const drawing = useMemo(
        () => drawing_of(o.columns, o.rows, measure, say("log.others")),
        [o.rows, o.state, measure],
    );
    const span = drawing ? around(drawing.times) : { from: "-1h", to: "" };
    const markers = use_resource<List<Marker>>(`/log/markers?${new URLSearchParams(span)}`, ["release"]);
    const list = markers.data.value?.items;
    const marks = useMemo(() => marks_of(list ?? [], timezone.value), [list, timezone.value]);
    if (!drawing) return null;
    return <Chart of={drawing} marks={marks} unit={unit_of(measure)} label={say("log.chart", { what: measure })} />;
}

// What it adds for the command line is beside the editor here.
function plain_note(note: string): string {
    if (note.startsWith("the last 24 hours")) return say("log.usual");
    return note.replace(/ \(--[^)]*\)$/, "");
}

function Result({ o, before, again }: { o: Outcome; before: boolean; again: (yes: boolean) => void }) {
    const all = useMemo(() => measures_of(o.columns, o.rows), [o.rows, o.state]);
    const [chosen, choose] = useState("");
    const measure = all.includes(chosen) ? chosen : (all[0] ?? "");
    const numbers = o.columns.filter((c) => c.type === "whole" || c.type === "number").map((c) => c.name);
    const barred = measure || numbers.find((n) => !["status", "hour"].includes(n)) || "";
    if (o.state === "idle") return null;
    return (
        <section class={`log-result ${before ? "before" : ""}`} aria-label={say("log.answer")}>
            <div class="log-head">
                <Head o={o} before={before} />
                {all.length > 1 ? (
                    <label class="log-measure">
                        {say("log.measure")}
                        <select value={measure} onChange={(e) => choose(e.currentTarget.value)}>
                            {all.map((m) => (
                                <option>{m}</option>
                            ))}
                        </select>
                    </label>
                ) : null}
            </div>
            {o.note ? <p class="panel-strip">{plain_note(o.note)}</p> : null}
            {o.error ? (
                <>
                    <Trouble error={o.error} />
                    {o.error.code === "limit" && o.question ? (
                        <div class="panel-pad">
                            <button class="btn" onClick={() => again(true)}>
                                {say("log.anyway")}
                            </button>
                        </div>
                    ) : null}
                </>
            ) : null}
            {o.state === "done" && measure ? <Drawn o={o} measure={measure} /> : null}
            {o.done?.more ? <p class="panel-strip">{say("log.more", { n: number(shown_max) })}</p> : null}
            {o.columns.length && (o.rows.length || o.state === "running") ? (
                <Grid
                    columns={o.columns}
                    rows={o.rows}
                    n={o.rows.length}
                    measure={barred}
                    label={say("log.answer")}
                />
            ) : o.state === "done" ? (
                <p class="panel-pad sub">{say("log.no_rows")}</p>
            ) : null}
        </section>
    );
}

// Who chose one runs it with the next keys.
function Examples({ chosen }: { chosen: () => void }) {
    return (
        <section class="log-examples" aria-label={say("log.examples")}>
            <h2>{say("log.examples")}</h2>
            <ul>
                {examples.map(([key, sql]) => (
                    <li>
                        <a href={`/log${hash_of({ ...nothing, sql })}`} onClick={chosen} data-row>
                            {say_of("example", key)}
                        </a>
                    </li>
                ))}
            </ul>
        </section>
    );
}

// ---- the page

export default function LogPage({ query }: PageProps) {
    const tables = use_resource<List<Table>>("/log/tables");
    const saved = use_resource<List<Saved>>("/log/saved");
    const { q } = draft();
    const editor = useRef<Editor | null>(null);
    const told = use_estimate(q);
    const o = outcome.value;
    const names = useMemo(
        () => new Map((saved.data.value?.items ?? []).map((s): [number, string] => [s.id, s.name])),
        [saved.data.value],
    );
    const chosen = saved.data.value?.items.find((s) => s.id === Number(query.get("saved")));
    const listed = !!(saved.data.value ?? saved.error.value); // only then is a number without its text known
    const here = where.value;
    const known_who = typeof me.value !== "string"; // before, nobody knows whose drafts these are
    useEffect(() => {
        const at = where.peek(); // an effect may run when the address has gone on
        if (!known_who || at.path !== "/log" || is_written(at)) return;
        const id = Number(at.query.get("saved")) || null;
        const kept = saved.data.value?.items.find((s) => s.id === id);
        if (read_question(at.hash)) arrive(at.hash, id);
        else if (kept) arrive(hash_of({ ...nothing, sql: kept.sql, params: kept.params }), id);
        else if (!id || listed) {
            if (id && saved.data.value) tell(say("save.gone", { id }));
            show_address("replace");
        }
    }, [here, known_who, listed]);
    const set = edit;
    const known = useMemo(
        (): Tables =>
            Object.fromEntries(
                (tables.data.value?.items ?? []).map((t) => [t.table, t.columns.map((c) => c.name)]),
            ),
        [tables.data.value],
    );
    const press = (yes = false) => {
        const open = missing(q.sql, q.params);
        if (!q.sql.trim()) return focus_editor(editor.current);
        if (open) return focus_param(open);
        show_address("push");
        void run(q, yes);
    };
    const failed = is_of(o, q) ? o.error : null;
    const wrong = useMemo(() => place_of(told.error ?? failed), [told.error, failed]);
    const who = me.value;
    const mine = chosen && typeof who !== "string" && (who.name === chosen.who || who.role === "admin");
    const running = o.state === "running";
    const refused = saved.error.value?.code === "forbidden";
    return (
        <div class="log">
            <Tree
                tables={tables}
                saved={saved}
                chosen={chosen?.id ?? null}
                insert={(text) =>
                    editor.current ? editor.current.insert(text) : set({ ...q, sql: `${q.sql}${text}` })
                }
            />
            <div class="log-main">
                <div class="log-title">
                    <h1>{chosen?.name ?? say("page.log")}</h1>
                    <LogTabs />
                    {mine ? (
                        <>
                            <button class="btn small" onClick={() => (deed.value = change_deed(q, chosen))}>
                                {say("save.change")}
                            </button>
                            <button class="btn small quiet" onClick={() => (deed.value = forget_deed(q, chosen))}>
                                {say("save.forget")}
                            </button>
                        </>
                    ) : null}
                    {refused ? null : (
                        <button
                            class="btn small"
                            aria-disabled={!q.sql.trim()}
                            onClick={() => q.sql.trim() && (deed.value = save_deed(q))}>
                            {say("save.open")}
                        </button>
                    )}
                </div>
                {refused ? (
                    <Trouble error={saved.error.value!} />
                ) : (
                    <>
                        <Strip names={names} />
                        <div role="tabpanel" id="log-panel" aria-label={say("log.question")}>
                            <SqlEditor
                                text={q.sql}
                                given={swapped.value}
                                tables={known}
                                wrong={wrong}
                                changed={(sql) => set({ ...q, sql })}
                                run={() => press()}
                                made={(e) => (editor.current = e)}
                            />
                            <Given q={q} set={set} run={() => press()} />
                            <div class="log-bar">
                                {running ? (
                                    <button class="btn small" onClick={stop}>
                                        {say("log.stop")}
                                    </button>
                                ) : (
                                    <button class="btn small primary" onClick={() => press()}>
                                        {say("log.run")} <kbd>Ctrl Enter</kbd>
                                    </button>
                                )}
                                <When q={q} set={set} />
                                <span class="log-would" aria-live="polite">
                                    <Would q={q} told={told} />
                                </span>
                                <span class="log-acts">
                                    <button
                                        class="btn small quiet"
                                        onClick={() => void copy(location.origin + location.pathname + hash_of(q))}>
                                        {say("copy.link")}
                                    </button>
                                    <button
                                        class="btn small quiet"
                                        onClick={() => void copy(cli_of(q), say("log.copied_cli"))}>
                                        {say("log.copy_cli")}
                                    </button>
                                    <button class="btn small quiet" onClick={() => void copy(curl_of(q))}>
                                        {say("log.copy_curl")}
                                    </button>
                                    <button
                                        class="btn small"
                                        aria-disabled={!q.sql.trim()}
                                        onClick={() => q.sql.trim() && !missing(q.sql, q.params) && void download(q)}>
                                        {say("log.csv")}
                                    </button>
                                </span>
                            </div>
                            {told.error?.told.hint ? (
                                <div class="panel-strip">
                                    <Hint text={told.error.told.hint} lang={told.error.lang} />
                                </div>
                            ) : null}
                            {o.state === "idle" ? (
                                <Examples chosen={() => focus_editor(editor.current)} />
                            ) : (
                                <Result o={o} before={!is_of(o, q)} again={(yes) => press(yes)} />
                            )}
                        </div>
                    </>
                )}
            </div>
        </div>
    );
}
