// chart.tsx: lines or stacked bars over time, with releases as marks, and a legend that says the values under the
// pointer. What it shows is also in words, and as a table on the page it stands on.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawing } from "../log/drawing";
import { theme } from "../theme";
import { language, number, say } from "../words";

export interface Marked {
    at: number;
    text: string;
}
const turns = ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6"];

function colours_of(of: Drawing): string[] {
    return of.lines.map((l, i) => l.tone ?? turns[i % turns.length]);
}

function moment(s: number): string {
    return new Date(s * 1000).toISOString().slice(0, 16).replace("T", " ");
}

function Legend({ of, at, unit }: { of: Drawing; at: number | null; unit: string }) {
    const colours = colours_of(of);
    return (
        <div class="chart-legend">
            {of.lines.map((l, i) => {
                const v = at === null ? null : (l.values[at] ?? null);
                return (
                    <span key={l.name}>
                        <i class={`${colours[i]} ${l.dashed ? "dashed" : ""}`} />
                        {l.name}
                        {v === null ? null : <b>{`${number(v, v < 10 ? 2 : 0)}${unit && ` ${unit}`}`}</b>}
                    </span>
                );
            })}
            {at === null ? null : <span class="dim">{moment(of.times[at])}</span>}
        </div>
    );
}

// Every mark by name, also those whose words have no room in the drawing.
function Marks({ of, marks, count }: { of: Drawing; marks: Marked[]; count: (n: number) => string }) {
    const first = of.times[0],
        last = of.times[of.times.length - 1];
    const step = (last - first) / Math.max(1, of.times.length - 1);
    const shown = marks.filter((m) => m.at >= first && m.at <= last + step).sort((a, b) => a.at - b.at);
    if (shown.length < 2) return null;
    return (
        <details class="chart-marks">
            <summary>{count(shown.length)}</summary>
            <ul>
                {shown.map((m) => (
                    <li>
                        <span class="dim num">{moment(m.at)}</span> {m.text}
                    </li>
                ))}
            </ul>
        </details>
    );
}

interface Props {
    of: Drawing;
    marks: Marked[];
    label: string;
    unit?: string;
    height?: number;
    count?: (n: number) => string; // the word for several marks
}

const releases = (n: number) => say("mark.count", { n });

export function Chart({ of, marks, label, unit = "", height = 190, count = releases }: Props) {
    const box = useRef<HTMLDivElement>(null);
    const [at, point] = useState<number | null>(null);
    const [failed, fail] = useState(false);
    const look = `${theme.value} ${language.value}`;
    useEffect(() => {
        let plot: { destroy(): void } | undefined,
            left = false;
        import("../heavy/plot").then(
            (m) => {
                const host = box.current;
                if (left || !host) return;
                const { times, lines, bars } = of;
                plot = m.make_plot(host, {
                    times,
                    lines,
                    bars,
                    marks,
                    fold: count,
                    height,
                    unit,
                    colours: colours_of(of),
                    on_cursor: point,
                });
            },
            () => fail(true),
        );
        return () => {
            left = true;
            plot?.destroy();
        };
    }, [of, marks, unit, look]);
    if (failed) return <p class="panel-pad sub">{say("page.no_chunk")}</p>;
    return (
        <div class="chart">
            <Legend of={of} at={at} unit={unit} />
            <div ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
            <Marks of={of} marks={marks} count={count} />
        </div>
    );
}
