// canary.tsx: what visitors got from the canary of a release, beside what they got from the other hosts in the same
// minutes: counts, times, their difference, and whether that is worse, in words.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { use_resource, type Resource } from "../resource";
import type { ReleaseShown, Traffic, TrafficSide, Verdict } from "../shapes";
import { clock, when } from "../time";
import { number, say, say_of } from "../words";
import { Icon, type Tone } from "./icon";
import { Empty, Panel } from "./panel";

const again_ms = 5000,
    few_requests = 100;

export function use_traffic(service: string, n: string, r: ReleaseShown | undefined): Resource<Traffic> {
    const path = `/releases/${encodeURIComponent(service)}/${encodeURIComponent(n)}/traffic`;
    const res = use_resource<Traffic>(path, [`release:${service}/${n}`]);
    const moves = r !== undefined && ["canary", "judging", "asking", "production"].includes(r.state);
    useEffect(() => {
        if (!moves) return;
        const timer = setInterval(() => document.hidden || void res.refresh(), again_ms);
        return () => clearInterval(timer);
    }, [path, moves]);
    return res;
}

function percent(n: number, of: number): number | null {
    return of ? (100 * n) / of : null;
}

function ms_text(v: number | null): string {
    return v === null ? "–" : say("time.ms", { n: v });
}

function percent_text(v: number | null): string {
    return v === null ? "–" : `${number(v, 2)}%`;
}

function signed(v: number, digits: number): string {
    const text = number(Math.abs(v), digits);
    return v > 0 ? `+${text}` : v < 0 ? `−${text}` : text;
}

interface Row {
    name: string;
    canary: string;
    others: string;
    differs: string;
}

function time_row(name: string, c: number | null, o: number | null): Row {
    const differs = c === null || !o ? "–" : `${signed((100 * (c - o)) / o, 0)}%`;
    return { name, canary: ms_text(c), others: ms_text(o), differs };
}

function rate_row(name: string, c: number | null, o: number | null): Row {
    const differs = c === null || o === null ? "–" : say("canary.points", { n: signed(c - o, 2) });
    return { name, canary: percent_text(c), others: percent_text(o), differs };
}

function rows_of(c: TrafficSide, o: TrafficSide): Row[] {
    return [
        time_row(say("canary.p50"), c.p50_ms, o.p50_ms),
        time_row(say("canary.p95"), c.p95_ms, o.p95_ms),
        rate_row(say("canary.e5xx"), percent(c.e5xx, c.requests), percent(o.e5xx, o.requests)),
        rate_row(say("canary.e4xx"), percent(c.e4xx, c.requests), percent(o.e4xx, o.requests)),
    ];
}

function side_text(s: TrafficSide): string {
    return say("canary.side", {
        n: s.requests,
        p95: ms_text(s.p95_ms),
        e5xx: percent_text(percent(s.e5xx, s.requests)),
    });
}

// For the dialog of who approves: the same in a sentence.
export function traffic_told(t: Traffic | undefined): string {
    if (t?.state !== "ok") return "";
    const told = say("canary.told", { canary: side_text(t.canary), others: side_text(t.others) });
    return t.verdict ? say("canary.told_verdict", { verdict: say_of("verdict", t.verdict.answer), told }) : told;
}

function Numbers({ t }: { t: Traffic }) {
    return (
        <div class="panel-scroll" role="region" tabIndex={0} aria-label={say("canary.table")}>
            <table>
                <thead>
                    <tr>
                        <th>{say("canary.check")}</th>
                        <th class="right">{say("canary.canary")}</th>
                        <th class="right">{say("canary.others")}</th>
                        <th class="right">{say("canary.differs")}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows_of(t.canary, t.others).map((row) => (
                        <tr key={row.name}>
                            <td>{row.name}</td>
                            <td class="right">{row.canary}</td>
                            <td class="right">{row.others}</td>
                            <td class="right">{row.differs}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function verdict_tone(v: Verdict | null): Tone {
    if (!v || v.answer === "not_clear") return "info";
    return v.answer === "not_worse" ? "ok" : "bad";
}

// At the pace of the minutes that were judged.
function waits_text(v: Verdict): string {
    if (!v.wants || !v.canary_requests) return say("canary.waits");
    return say("canary.wants", { n: v.wants, min: Math.ceil((v.wants * v.minutes) / v.canary_requests) });
}

function late_text(t: Traffic): string {
    if (!t.late || t.until) return "";
    return t.late_since
        ? say("canary.late", { host: t.late, at: clock(t.late_since) })
        : say("canary.never", { host: t.late });
}

function Judged({ v, over, late }: { v: Verdict | null; over: boolean; late: string }) {
    if (!v) return <p class="sub note">{over ? say("canary.never_judged") : late || say("canary.no_minute")}</p>;
    const why = {
        n: v.minutes,
        errors: number(v.canary_e5xx),
        requests: number(v.canary_requests),
        others: number(v.others_e5xx),
        of: number(v.others_requests),
        once: Math.round(1 / v.risk),
        odds: number(v.odds, 2),
        latency: number(v.latency, 2),
        floor: percent_text(v.floor * 100),
    };
    return (
        <div class={`verdict ${verdict_tone(v)}`}>
            <h3>
                <Icon tone={verdict_tone(v)} />
                {say_of("verdict", v.answer)}
            </h3>
            <p>
                {say("canary.judged", why)} {say_of("verdict_why", v.answer, why)}
                {v.answer === "not_clear" && !over ? ` ${waits_text(v)}` : ""}
            </p>
        </div>
    );
}

function Beside({ t }: { t: Traffic }) {
    const to = Math.min(Date.parse(t.to!), Date.now());
    const minutes = Math.max(1, Math.round((to - Date.parse(t.from!)) / 60_000));
    return (
        <div class="canary">
            <div class="panel-pad stack">
                <Judged v={t.verdict} over={!!t.until} late={late_text(t)} />
                <p>
                    {t.until
                        ? say("canary.same", { n: minutes, from: when(t.from!), to: clock(t.to!) })
                        : say("canary.same_now", { n: minutes, from: when(t.from!) })}
                </p>
                <dl class="facts">
                    <dt>{say("canary.requests_canary")}</dt>
                    <dd>{number(t.canary.requests)}</dd>
                    <dt>{say("canary.requests_others")}</dt>
                    <dd>{number(t.others.requests)}</dd>
                </dl>
                <p class="sub note">
                    {t.verdict && late_text(t) ? `${late_text(t)} ` : ""}
                    {t.canary.requests < few_requests ? `${say("canary.few")} ` : ""}
                    {t.judged ? say("canary.assumes_judged") : say("canary.assumes")}
                </p>
            </div>
            <Numbers t={t} />
        </div>
    );
}

function Why({ t }: { t: Traffic }) {
    if (t.state === "no_log") return <Empty line="rusuban log agent --help">{say("canary.no_log")}</Empty>;
    if (t.state === "no_lines" && late_text(t)) return <Empty line="rusuban log status">{late_text(t)}</Empty>;
    if (t.state === "no_lines") return <Empty line="rusuban log status">{say("canary.no_lines")}</Empty>;
    if (t.state === "too_short") return <Empty>{say("canary.too_short")}</Empty>;
    if (t.state === "too_old") return <Empty>{say("canary.too_old")}</Empty>;
    return <Empty>{t.from ? say("canary.from", { at: clock(t.from) }) : say("canary.not_yet")}</Empty>;
}

// Why there is nothing to compare is only of use to who still has to decide.
export function Canary({ of, release: r }: { of: Resource<Traffic>; release: ReleaseShown }) {
    const t = of.data.value;
    if (r.kind !== "release" || t?.state === "none") return null;
    if (!t || (t.state !== "ok" && !["canary", "judging", "asking"].includes(r.state))) return null;
    return (
        <Panel of={of} title={say("canary.title")} lines={3}>
            {(d) => (d.state === "ok" ? <Beside t={d} /> : <Why t={d} />)}
        </Panel>
    );
}

// The chart comes with the pages that draw, not with the first one.
export function has_chart(t: Traffic | undefined): boolean {
    return !!t && t.minutes.some((m) => m.canary_p95_ms !== null || m.others_p95_ms !== null);
}

export function CanaryChart({ of, release }: { of: Resource<Traffic>; release: ReleaseShown }) {
    const [Inside, set] = useState<ComponentType<{ t: Traffic; number: number }>>();
    const t = of.data.value;
    const draws = has_chart(t);
    useEffect(() => {
        if (draws)
            import("../pages/later").then(
                (m) => set(() => m.CanaryLines),
                () => undefined,
            );
    }, [draws]);
    return t && draws && Inside ? <Inside t={t} number={release.number} /> : null;
}
