// grid.tsx: the rows of an answer. Only those in sight are in the page, so that ten thousand cost what forty do; each can
// be opened to be read and copied whole.
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { foreign } from "../foreign";
import type { Cell, Column } from "../log/run";
import { number, say } from "../words";
import { Dialog } from "./dialog";
import { copy } from "./strip";

const row_px = 30,
    spare_rows = 12,
    cell_pad_px = 24,
    number_px = 64,
    bar_px = 124, // as in log.css
    sampled_rows = 200,
    narrowest = 6,
    widest = 48; // letters
const not_grouped = /^(status|hour|port|number|.*_id|id)$/;

export function cell_text(c: Column, v: Cell): string {
    if (v === null) return "";
    if (typeof v === "object") return foreign(JSON.stringify(v));
    if (typeof v === "number" && c.type === "whole" && !not_grouped.test(c.name)) return number(v);
    if (typeof v === "number" && c.type === "number") return number(v, 3); // all its digits are in the row's dialog
    return foreign(String(v));
}

function is_right(c: Column): boolean {
    return c.type === "whole" || c.type === "number";
}

function plain(v: Cell): string {
    return v === null ? "" : typeof v === "object" ? JSON.stringify(v) : String(v);
}

// Letters that fit most of a column's cells.
function width_of(c: Column, at: number, rows: Cell[][]): number {
    const longest = rows
        .slice(0, sampled_rows)
        .reduce((n, r) => Math.max(n, cell_text(c, r[at]).length), c.name.length);
    return Math.min(widest, Math.max(narrowest, longest + 1));
}

const opened = signal<{ columns: Column[]; row: Cell[]; n: number } | null>(null);

export function open_row(columns: Column[], row: Cell[], n: number): void {
    opened.value = { columns, row, n };
}

export function OneRow() {
    const o = opened.value;
    useEffect(() => () => void (opened.value = null), []);
    if (!o) return null;
    const close = () => (opened.value = null);
    const all = JSON.stringify(Object.fromEntries(o.columns.map((c, i) => [c.name, o.row[i]])));
    return (
        <Dialog label={say("grid.row", { n: o.n })} close={close} kind="wide">
            <div class="over-in">
                <h2>{say("grid.row", { n: o.n })}</h2>
                <dl class="grid-row">
                    {o.columns.map((c, i) => (
                        <>
                            <dt class="mono">{c.name}</dt>
                            <dd class="mono">
                                {o.row[i] === null ? <span class="dim">NULL</span> : foreign(plain(o.row[i]))}
                            </dd>
                            <dd>
                                <button
                                    class="btn small quiet"
                                    aria-label={say("copy.line", { line: c.name })}
                                    onClick={() => void copy(plain(o.row[i]))}>
                                    {say("copy.copy")}
                                </button>
                            </dd>
                        </>
                    ))}
                </dl>
                <div class="over-acts">
                    <button class="btn quiet" onClick={() => void copy(all)}>
                        {say("grid.copy_row")}
                    </button>
                    <button class="btn" onClick={close}>
                        {say("keys.close")}
                    </button>
                </div>
            </div>
        </Dialog>
    );
}

function tone(c: Column, v: Cell): string {
    return c.name === "status" && typeof v === "number" && v >= 500 ? "bad" : "";
}

interface RowProps {
    columns: Column[];
    row: Cell[];
    n: number;
    measure: number; // the column with bars; -1
    most: number;
}

function Row({ columns, row, n, measure, most }: RowProps) {
    return (
        <tr aria-rowindex={n + 1}>
            <td class="grid-n">
                <button aria-label={say("grid.open", { n })} onClick={() => open_row(columns, row, n)}>
                    {n}
                </button>
            </td>
            {columns.map((c, i) => (
                <>
                    <td class={`${is_right(c) ? "right" : "mono"} ${tone(c, row[i])}`} title={foreign(plain(row[i]))}>
                        {row[i] === null ? <span class="dim">NULL</span> : cell_text(c, row[i])}
                    </td>
                    {i === measure ? (
                        <td class="grid-bar">
                            <i style={{ width: `${most > 0 ? (100 * Math.max(0, Number(row[i]))) / most : 0}%` }} />
                        </td>
                    ) : null}
                </>
            ))}
            <td />
        </tr>
    );
}

// The rows that are not in the page; a row without a cell has no height.
function Gap({ rows }: { rows: number }) {
    if (rows <= 0) return null;
    return (
        <tr class="grid-gap" aria-hidden="true">
            <td style={{ height: `${rows * row_px}px` }} />
        </tr>
    );
}

interface Props {
    columns: Column[];
    rows: Cell[][];
    n: number; // of them: the list grows in its place, and what looks the same is not drawn anew
    measure: string;
    label: string;
}

export function Grid({ columns, rows, n, measure, label }: Props) {
    const box = useRef<HTMLDivElement>(null);
    const [top, scroll] = useState(0);
    const [high, set_high] = useState(600);
    useEffect(() => {
        const watcher = new ResizeObserver(() => set_high(box.current?.clientHeight ?? 600));
        watcher.observe(box.current!);
        return () => watcher.disconnect();
    }, []);
    const barred = columns.findIndex((c) => c.name === measure && is_right(c));
    const most = useMemo(
        () => (barred < 0 ? 0 : rows.reduce((m, r) => Math.max(m, Number(r[barred]) || 0), 0)),
        [n, barred],
    );
    const widths = useMemo(() => columns.map((c, i) => width_of(c, i, rows)), [columns, Math.min(n, sampled_rows)]);
    const letters = widths.reduce((sum, w) => sum + w, 0);
    const wide = `calc(${letters}ch + ${columns.length * cell_pad_px + number_px + (barred < 0 ? 0 : bar_px)}px)`;
    const first = Math.max(0, Math.floor(top / row_px) - spare_rows);
    const last = Math.min(n, Math.ceil((top + high) / row_px) + spare_rows);
    return (
        <>
            <div
                class="grid"
                role="region"
                aria-label={label}
                tabIndex={0}
                ref={box}
                onScroll={(e) => scroll(e.currentTarget.scrollTop)}>
                <table aria-rowcount={n + 1} style={{ width: `max(100%, ${wide})` }}>
                    <colgroup>
                        <col class="grid-n" />
                        {columns.map((_, i) => (
                            <>
                                <col style={{ width: `calc(${widths[i]}ch + ${cell_pad_px}px)` }} />
                                {i === barred ? <col class="grid-bar" /> : null}
                            </>
                        ))}
                        <col />
                    </colgroup>
                    <thead>
                        <tr>
                            <td class="grid-n" />
                            {columns.map((c, i) => (
                                <>
                                    <th scope="col" class={is_right(c) ? "right" : ""}>
                                        {c.name}
                                    </th>
                                    {i === barred ? <td class="grid-bar" /> : null}
                                </>
                            ))}
                            <td />
                        </tr>
                    </thead>
                    <tbody>
                        <Gap rows={first} />
                        {rows.slice(first, last).map((r, i) => (
                            <Row
                                key={first + i}
                                columns={columns}
                                row={r}
                                n={first + i + 1}
                                measure={barred}
                                most={most}
                            />
                        ))}
                        <Gap rows={n - last} />
                    </tbody>
                </table>
            </div>
            <OneRow />
        </>
    );
}
