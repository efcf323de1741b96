// canary-lines.tsx: the p95 of the canary and of the other hosts, minute by minute, with the moments when it changed.
import { useMemo } from "preact/hooks";
import { to_wall_s } from "../log/drawing";
import type { Traffic } from "../shapes";
import { timezone } from "../state";
import { clock, when } from "../time";
import { number, say } from "../words";
import { AsTable } from "./as-table";
import { Chart, type Marked } from "./chart";

function marks_of(t: Traffic, n: number): Marked[] {
    const marks: Marked[] = [];
    const mark = (at: string | null, text: string) =>
        at && marks.push({ at: to_wall_s(at, timezone.value), text });
    mark(t.switched_at, say("canary.mark_on", { number: n }));
    mark(t.until, say("canary.mark_until"));
    return marks;
}

function drawing_of(t: Traffic) {
    return {
        times: t.minutes.map((m) => to_wall_s(m.at, timezone.value)),
        bars: false,
        lines: [
            {
                name: say("canary.line_canary", { n: t.canary.hosts.length }),
                values: t.minutes.map((m) => m.canary_p95_ms),
            },
            {
                name: say("canary.line_others", { n: t.others.hosts.length }),
                values: t.minutes.map((m) => m.others_p95_ms),
                tone: "series-5",
            },
        ],
    };
}

function Minutes({ t }: { t: Traffic }) {
    const cell = (v: number | null) => (v === null ? "–" : number(v));
    return (
        <AsTable
            head={[say("releases.when"), say("canary.canary"), say("canary.others")]}
            rows={[...t.minutes]
                .reverse()
                .map((m) => [clock(m.at), cell(m.canary_p95_ms), cell(m.others_p95_ms)])}
        />
    );
}

export function CanaryLines({ t, number: n }: { t: Traffic; number: number }) {
    const of = useMemo(() => drawing_of(t), [t, timezone.value, say("canary.p95")]);
    const marks = useMemo(() => marks_of(t, n), [t, n, timezone.value, say("canary.p95")]);
    const from = t.minutes[0].at,
        to = t.minutes[t.minutes.length - 1].at;
    return (
        <section aria-label={say("canary.p95")}>
            <div class="panel-bar">
                <h2>{say("canary.p95")}</h2>
                <span class="sub note">{say("canary.span", { from: when(from), to: clock(to) })}</span>
            </div>
            <div class="panel">
                <Chart
                    of={of}
                    marks={marks}
                    unit="ms"
                    label={say("canary.chart_label")}
                    count={(n) => say("mark.moments", { n })}
                />
            </div>
            <Minutes t={t} />
        </section>
    );
}
