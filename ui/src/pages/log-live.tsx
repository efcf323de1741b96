// log-live.tsx: lines of the log as they come, those that fit a condition. Nothing moves under whoever reads: new lines wait
// behind a button until the reader is at the end again.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { foreign } from "../foreign";
import { LogTabs } from "../log/tabs";
import { clear, follow, kept_lines, pause, tail, type Absent, type Line, type Tail } from "../log/tail";
import type { Column } from "../log/run";
import { OneRow, open_row } from "../parts/grid";
import { Icon, type Tone } from "../parts/icon";
import { Trouble } from "../parts/panel";
import { Strip } from "../parts/strip";
import { typed } from "../deed";
import { go } from "../router";
import { number, say, say_of } from "../words";

const near_end_px = 40;
const shown = ["time", "server", "status", "method", "uri", "reqtime"];
const tones: Record<Tail["state"], Tone> = {
    asking: "wait",
    following: "ok",
    away: "warn",
    paused: "wait",
    failed: "bad",
};

// The condition is behind #: it may name a person, and no server's log should.
function asked(): string {
    return new URLSearchParams(location.hash.slice(1)).get("where") ?? "";
}

function open_line(l: Line): void {
    const columns = [...l.cells.keys()].map((name): Column => ({ name, type: "text" }));
    open_row(columns, [...l.cells.values()], l.n);
}

function cell(l: Line, name: string): string {
    const text = foreign(l.cells.get(name) ?? "");
    return name === "time" ? text.slice(11, 19) || text : text;
}

function Row({ l }: { l: Line }) {
    const status = Number(l.cells.get("status"));
    return (
        <tr class={status >= 500 ? "bad" : ""}>
            <td class="grid-n">
                <button aria-label={say("tail.open", { n: l.n })} onClick={() => open_line(l)}>
                    {number(l.n)}
                </button>
            </td>
            {shown.map((name) => (
                <td class={`mono tail-${name}`} title={name === "uri" ? cell(l, name) : undefined}>
                    {cell(l, name)}
                </td>
            ))}
        </tr>
    );
}

function Lines({ lines }: { lines: Line[] }) {
    const box = useRef<HTMLDivElement>(null);
    const [until, hold] = useState<number | null>(null); // the last line that was there when the reader went up
    const last = lines[lines.length - 1]?.n ?? 0;
    const fresh = until === null ? 0 : lines.filter((l) => l.n > until).length;
    const list = until === null ? lines : lines.filter((l) => l.n <= until);
    const to_end = () => {
        hold(null);
        queueMicrotask(() => box.current?.scrollTo(0, box.current.scrollHeight));
    };
    useLayoutEffect(() => {
        if (until === null && box.current) box.current.scrollTop = box.current.scrollHeight;
    }, [last, until]);
    const on_scroll = () => {
        const b = box.current!;
        const at_end = b.scrollHeight - b.scrollTop - b.clientHeight < near_end_px;
        if (!at_end && until === null) hold(last);
        else if (at_end && until !== null && !fresh) hold(null);
    };
    return (
        <div class="tail">
            <div
                class="grid"
                role="region"
                aria-label={say("tail.lines")}
                tabIndex={0}
                ref={box}
                onScroll={on_scroll}>
                <table>
                    <thead>
                        <tr>
                            <td class="grid-n" />
                            {shown.map((name) => (
                                <th scope="col" class={`tail-${name}`}>
                                    {name}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {list.map((l) => (
                            <Row key={l.n} l={l} />
                        ))}
                    </tbody>
                </table>
            </div>
            {fresh ? (
                <button class="btn primary small tail-new" onClick={to_end}>
                    {say("tail.new", { n: fresh })}
                </button>
            ) : null}
        </div>
    );
}

const labels_shown = 12;

// Such a condition would wait for ever without a word.
function NotThere({ list }: { list: Absent[] }) {
    return (
        <div class="panel-strip" role="status">
            <Icon tone="warn" />
            <div>
                {list.map((x) => (
                    <p>
                        {say("tail.absent", { label: x.absent, n: x.of })}{" "}
                        {x.near ? say("tail.near", { label: x.near }) : ""}{" "}
                        {say("tail.labels", { labels: x.labels.slice(0, labels_shown).join(say("list.and")) })}
                    </p>
                ))}
            </div>
        </div>
    );
}

export default function LogLivePage() {
    const hash = location.hash;
    const where = asked();
    const [word, type] = useState(where);
    const [paused, stop] = useState(false);
    const t = tail.value;
    useEffect(() => type(where), [where]);
    useEffect(() => {
        if (paused) return pause();
        return follow(where);
    }, [where, paused]);
    useEffect(() => clear, [hash]);
    const press = (e: Event) => {
        e.preventDefault();
        const next = word.trim();
        stop(false);
        go(`/log/live${next ? `#${new URLSearchParams({ where: next })}` : ""}`, "replace");
    };
    const wrong = t.state === "failed" && t.error ? t.error : null;
    return (
        <div class="log-main tail-page">
            <div class="log-title">
                <h1>{say("page.log_live")}</h1>
                <LogTabs />
            </div>
            <form class="log-bar" onSubmit={press}>
                <label class="tail-where" for="tail-where">
                    <span>{say("tail.where")}</span>
                    <input
                        id="tail-where"
                        class="mono"
                        data-filter
                        value={word}
                        placeholder={say("tail.example")}
                        autoComplete="off"
                        spellcheck={false}
                        onInput={(e) => type(e.currentTarget.value)}
                    />
                </label>
                <button class="btn small primary">{say("tail.follow")}</button>
                <button type="button" class="btn small" onClick={() => stop(!paused)}>
                    {paused ? say("tail.go_on") : say("tail.pause")}
                </button>
                <button type="button" class="btn small quiet" onClick={clear}>
                    {say("tail.clear")}
                </button>
            </form>
            <div class="log-head">
                <span class={`mark ${tones[t.state]}`} role="status">
                    <Icon tone={tones[t.state]} />
                    {say_of("tail", t.state)}
                </span>
                {t.why ? <span class="sub">{t.why}</span> : null}
                {t.skipped ? <span class="sub">{say("tail.skipped", { n: t.skipped })}</span> : null}
                {t.lines.length >= kept_lines ? (
                    <span class="sub">{say("tail.kept", { n: kept_lines })}</span>
                ) : null}
                <span class="log-acts">
                    <Strip line={`rusuban log tail${where ? ` --where ${typed(where)}` : ""}`} />
                </span>
            </div>
            {wrong ? <Trouble error={wrong} /> : null}
            {t.absent.length ? <NotThere list={t.absent} /> : null}
            {t.lines.length ? (
                <Lines lines={t.lines} />
            ) : wrong ? null : (
                <p class="panel-pad sub">{say("tail.none")}</p>
            )}
            <OneRow />
        </div>
    );
}
