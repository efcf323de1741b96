// output.tsx: what a step printed, line by line, each with a link of its own (#L203). Long output is shown from its
// end, more on request; the end stays in sight only for who is reading there.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { foreign } from "../foreign";
import { Panel } from "./panel";
import { use_resource } from "../resource";
import type { Output, ReleaseShown } from "../shapes";
import { say, say_of } from "../words";

const shown_lines = 2000,
    near_end_px = 40;

// Colours for terminals mean nothing here.
function plain(line: string): string {
    return foreign(line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/^.*\r(?=.)/, ""));
}

function tone(line: string): string {
    if (/^\s*(error|fatal|failed)\b|^npm ERR!/i.test(line)) return "bad";
    return /^\s*(warn|warning|deprecated)\b|^npm WARN/i.test(line) ? "warn" : "";
}

function asked_line(): number {
    return Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? 0);
}

function Lines({ text }: { text: string }) {
    const box = useRef<HTMLDivElement>(null);
    const at_end = useRef(true);
    const [hit, set_hit] = useState(asked_line());
    const [extra, more] = useState(0);
    const all = text.replace(/\n$/, "").split("\n");
    const first = Math.max(0, Math.min(all.length - shown_lines - extra, hit ? Math.max(0, hit - 50) : Infinity));
    useLayoutEffect(() => {
        const b = box.current;
        if (b && at_end.current && !hit) b.scrollTop = b.scrollHeight;
    }, [text]);
    useEffect(() => {
        const on_hash = () => set_hit(asked_line());
        addEventListener("hashchange", on_hash);
        if (hit) document.getElementById(`L${hit}`)?.scrollIntoView({ block: "center" });
        return () => removeEventListener("hashchange", on_hash);
    }, []);
    const on_scroll = () => {
        const b = box.current!;
        at_end.current = b.scrollHeight - b.scrollTop - b.clientHeight < near_end_px;
    };
    return (
        <div class="out" role="region" aria-label={say("output.lines")} tabIndex={0} ref={box} onScroll={on_scroll}>
            {first > 0 ? (
                <div class="out-line">
                    <span />
                    <button class="btn small" onClick={() => more(extra + shown_lines)}>
                        {say("output.earlier", { n: first })}
                    </button>
                </div>
            ) : null}
            {all.slice(first).map((raw, i) => {
                const n = first + i + 1,
                    line = plain(raw);
                return (
                    <div key={n} id={`L${n}`} class={`out-line ${tone(line)} ${n === hit ? "hit" : ""}`}>
                        <a href={`#L${n}`} aria-label={say("output.line", { n })}>
                            {n}
                        </a>
                        <span>{line}</span>
                    </div>
                );
            })}
        </div>
    );
}

const printing = ["fetch", "build", "migrate"];

export interface Printed {
    step: string;
    host: string | null;
}

export function printed(r: ReleaseShown): Printed[] {
    const seen = new Map<string, Printed>();
    for (const s of r.steps)
        if (printing.includes(s.step)) seen.set(`${s.step} ${s.host ?? ""}`, { step: s.step, host: s.host });
    return [...seen.values()];
}

function address(p: Printed): string {
    const q = new URLSearchParams({ step: p.step });
    if (p.host) q.set("host", p.host);
    return `?${q}`;
}

function Shown({ release: r, of, tabs }: { release: ReleaseShown; of: Printed; tabs: Printed[] }) {
    const topic = `${r.service}/${r.number}`;
    const res = use_resource<Output>(
        `/releases/${encodeURIComponent(r.service)}/${r.number}/output${address(of)}`,
        [`release:${topic}`, `output:${topic}`],
    );
    const bar = (
        <nav class="tabs" aria-label={say("output.steps")}>
            {tabs.map((t) => (
                <a href={address(t)} aria-current={t === of ? "true" : undefined}>
                    {say_of("step", t.step)}
                    {t.host ? ` ${t.host}` : ""}
                </a>
            ))}
        </nav>
    );
    return (
        <Panel of={res} title={say("output.title")} end={bar} lines={8}>
            {(o) => (o.text ? <Lines text={o.text} /> : <p class="panel-pad sub">{say("output.none")}</p>)}
        </Panel>
    );
}

export function OutputPanel({ release, query }: { release: ReleaseShown; query: URLSearchParams }) {
    const tabs = printed(release);
    const of =
        tabs.find((t) => t.step === query.get("step") && (t.host ?? "") === (query.get("host") ?? "")) ??
        tabs[tabs.length - 1];
    if (!of) return null;
    return <Shown key={address(of)} release={release} of={of} tabs={tabs} />;
}
