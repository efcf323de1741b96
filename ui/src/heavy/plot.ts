// plot.ts: uPlot, in a file of its own that is fetched when there is something to draw. Times are the site's wall clock
// as if it were UTC (log/drawing.ts); colours are those of the page, read when it draws.
import uPlot from "uplot";

export interface PlotLine {
    name: string;
    values: (number | null)[];
    dashed?: boolean;
}
export interface PlotMark {
    at: number; // like the times
    text: string;
}
export interface Wanted {
    times: number[];
    lines: PlotLine[];
    bars: boolean;
    marks: PlotMark[];
    fold: (n: number) => string; // the word for several marks whose own words have no room
    height: number;
    unit: string; // of the values; "" where they are counted
    colours: string[]; // names of tokens, one a line
    on_cursor: (at: number | null) => void; // which point the pointer is at
}
export interface Plot {
    destroy(): void;
}

function token(host: HTMLElement, name: string): string {
    return getComputedStyle(host).getPropertyValue(`--${name}`).trim();
}

// Each line on the ones before it; the highest is drawn first.
function stack(lines: PlotLine[], n: number): (number | null)[][] {
    const sum = new Array<number>(n).fill(0);
    return lines.map((l) => l.values.map((v, i) => (v === null ? sum[i] || null : (sum[i] += v)))).reverse();
}

interface Placed {
    marks: PlotMark[];
    text: string;
    from: number;
    to: number;
}

// Words stand to the right of their line, or to its left where the drawing ends. Those that would touch become one.
function place_words(u: uPlot, w: Wanted, shown: PlotMark[]): Placed[] {
    const ratio = devicePixelRatio || 1,
        gap = 6 * ratio,
        end = u.bbox.left + u.bbox.width;
    const placed: Placed[] = [];
    const place = (marks: PlotMark[]): Placed => {
        const text = marks.length > 1 ? w.fold(marks.length) : marks[0].text;
        const wide = u.ctx.measureText(text).width;
        const right = u.valToPos(marks[marks.length - 1].at, "x", true) + gap;
        const from = right + wide > end ? u.valToPos(marks[0].at, "x", true) - gap - wide : right;
        return { marks, text, from, to: from + wide };
    };
    for (const m of shown) {
        let one = place([m]);
        for (let last = placed.at(-1); last && one.from < last.to + gap; last = placed.at(-1)) {
            placed.pop();
            one = place([...last.marks, ...one.marks]);
        }
        placed.push(one);
    }
    return placed;
}

function draw_marks(u: uPlot, w: Wanted, host: HTMLElement): void {
    const c = u.ctx,
        ratio = devicePixelRatio || 1,
        { left, top, width, height } = u.bbox;
    const x_of = (m: PlotMark) => u.valToPos(m.at, "x", true);
    const shown = w.marks
        .filter((m) => x_of(m) >= left && x_of(m) <= left + width)
        .sort((one, other) => one.at - other.at);
    c.save();
    c.strokeStyle = token(host, "lamp-line");
    c.fillStyle = token(host, "ink-2");
    c.setLineDash([]); // what was drawn before may have been dashed
    c.textAlign = "left";
    c.textBaseline = "alphabetic";
    c.lineWidth = 1.5 * ratio;
    c.font = `${11 * ratio}px ${token(host, "sans")}`;
    for (const m of shown) {
        c.beginPath();
        c.moveTo(x_of(m), top);
        c.lineTo(x_of(m), top + height);
        c.stroke();
    }
    for (const p of place_words(u, w, shown)) c.fillText(p.text, p.from, top + 10 * ratio);
    c.restore();
}

function axis(host: HTMLElement, more: uPlot.Axis): uPlot.Axis {
    return {
        stroke: token(host, "ink-3"),
        font: `11px ${token(host, "sans")}`,
        grid: { stroke: token(host, "line"), width: 1 },
        ticks: { show: false },
        ...more,
    };
}

function series(host: HTMLElement, w: Wanted): uPlot.Series[] {
    const paint = (i: number) => token(host, w.colours[i]);
    const all = w.lines.map((l, i): uPlot.Series => {
        const colour = paint(i);
        if (w.bars)
            return {
                label: l.name,
                fill: colour,
                width: 0,
                paths: uPlot.paths.bars!({ size: [0.86, 48] }),
                points: { show: false },
            };
        return {
            label: l.name,
            stroke: colour,
            width: 1.5,
            dash: l.dashed ? [4, 4] : undefined,
            points: { show: w.times.length < 3 },
            spanGaps: false,
        };
    });
    return [{}, ...(w.bars ? all.reverse() : all)];
}

// A point stands for what comes until the next one: the last one too, and releases may fall into it.
function span_of(times: number[]): [number, number] {
    const step = times.slice(1).reduce((least, t, i) => Math.min(least, t - times[i]), Infinity);
    const more = Number.isFinite(step) ? step : 0;
    return [times[0] - more / 2, times[times.length - 1] + more];
}

function short(n: number): string {
    if (Math.abs(n) >= 1e9) return `${n / 1e9} G`;
    if (Math.abs(n) >= 1e6) return `${n / 1e6} M`;
    return new Intl.NumberFormat(document.documentElement.lang).format(n);
}

function with_unit(n: number, unit: string): string {
    return unit ? `${short(n)} ${unit}` : short(n);
}

// Two digits and no month names: the same in every language.
function time_words(times: number[]): (u: uPlot, splits: number[]) => string[] {
    const days = times[times.length - 1] - times[0] > 2 * 86_400;
    return (_, splits) =>
        splits.map((s) => {
            const iso = new Date(s * 1000).toISOString();
            return days || s % 86_400 === 0 ? iso.slice(5, 10) : iso.slice(11, 16);
        });
}

export function make_plot(host: HTMLElement, w: Wanted): Plot {
    const values = w.bars ? stack(w.lines, w.times.length) : w.lines.map((l) => l.values);
    const u = new uPlot(
        {
            width: host.clientWidth || 600,
            height: w.height,
            tzDate: (s) => uPlot.tzDate(new Date(s * 1000), "UTC"),
            legend: { show: false },
            cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
            scales: {
                x: { range: () => span_of(w.times) },
                y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] },
            },
            series: series(host, w),
            axes: [
                axis(host, { values: time_words(w.times), grid: { show: false }, space: 90, size: 28 }),
                axis(host, { values: (_, splits) => splits.map((n) => with_unit(n, w.unit)), size: 68 }),
            ],
            hooks: {
                draw: [(self) => draw_marks(self, w, host)],
                setCursor: [(self) => w.on_cursor(self.cursor.idx ?? null)],
            },
        },
        [w.times, ...values] as uPlot.AlignedData,
        host,
    );
    const watcher = new ResizeObserver(() => {
        if (host.clientWidth && host.clientWidth !== u.width)
            u.setSize({ width: host.clientWidth, height: w.height });
    });
    watcher.observe(host);
    return {
        destroy: () => {
            watcher.disconnect();
            u.destroy();
        },
    };
}
