// drawing.ts: an answer as a drawing, when it has a time and a number: which column is which, and the points.
import type { Cell, Column } from "./run";

export interface Line {
    name: string;
    values: (number | null)[];
    dashed?: boolean;
    tone?: string; // a token instead of its turn
}
export interface Drawing {
    times: number[]; // seconds of the wall clock of the site, as if it were UTC: what is written is what is drawn
    lines: Line[];
    bars: boolean; // bars are stacked
}

const groups_max = 6,
    points_max = 5000,
    bars_max = 400;
const day_s = 86_400;
const names_not_numbers = /^(status|hour|port|number|.*_id|id)$/;

// "2026-11-20 12:45:00": the wall clock of the site; null when it is no time.
export function wall_s(text: Cell): number | null {
    if (typeof text !== "string") return null;
    const m = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:[+-]\d\d(?::?\d\d)?|Z)?)?$/.exec(text);
    if (!m) return null;
    const ms = Date.parse(`${m[1]}T${m[2] ?? "00:00"}Z`);
    return Number.isNaN(ms) ? null : ms / 1000;
}

function is_time(rows: Cell[][], at: number): boolean {
    const some = rows
        .slice(0, 50)
        .map((r) => r[at])
        .filter((c) => c !== null);
    return some.length > 0 && some.every((c) => wall_s(c) !== null);
}

function is_number(c: Column): boolean {
    return c.type === "whole" || c.type === "number";
}

interface Roles {
    time: number;
    hour: number; // beside a time that is a day; -1
    group: number; // -1: none
    measures: number[];
}

function distinct(rows: Cell[][], at: number): number {
    return new Set(rows.map((r) => r[at])).size;
}

function roles_of(columns: Column[], rows: Cell[][]): Roles | null {
    const time = columns.findIndex((c, i) => (c.type === "text" || c.type === "timestamp") && is_time(rows, i));
    if (time < 0 || rows.length < 2) return null;
    const days = rows.slice(0, 50).every((r) => typeof r[time] !== "string" || (r[time] as string).length === 10);
    const hour = days ? columns.findIndex((c) => c.name === "hour" && c.type === "whole") : -1;
    const rest = columns.map((_, i) => i).filter((i) => i !== time && i !== hour);
    const measures = rest.filter((i) => is_number(columns[i]) && !names_not_numbers.test(columns[i].name));
    if (!measures.length) return null;
    const group = rest.find((i) => !measures.includes(i) && distinct(rows, i) > 1 && distinct(rows, i) <= 40) ?? -1;
    return { time, hour, group, measures };
}

export function measures_of(columns: Column[], rows: Cell[][]): string[] {
    return roles_of(columns, rows)?.measures.map((i) => columns[i].name) ?? [];
}

// What a column is measured in, as far as its name tells: p95_ms, read_bytes, share_percent; else what is counted.
const units: [RegExp, string][] = [
    [/_ms$|^(reqtime|apptime)$/, "ms"],
    [/(^|_)bytes$|^size$/, "B"],
    [/_s$|_seconds$/, "s"],
    [/_percent$/, "%"],
];

export function unit_of(measure: string): string {
    return units.find(([name]) => name.test(measure))?.[1] ?? "";
}

function value_of(c: Cell): number | null {
    const n = typeof c === "number" ? c : typeof c === "string" ? Number(c) : NaN;
    return Number.isFinite(n) ? n : null;
}

function moment_of(row: Cell[], roles: Roles): number | null {
    const s = wall_s(row[roles.time]);
    if (s === null) return null;
    const hour = roles.hour < 0 ? 0 : Number(row[roles.hour]);
    return s + (Number.isFinite(hour) ? hour * 3600 : 0);
}

// Sums where several rows have one time: right for what is counted, wrong for anything else.
function sums(
    rows: Cell[][],
    roles: Roles,
    measure: number,
): { times: Set<number>; by: Map<string, Map<number, number>> } {
    const by = new Map<string, Map<number, number>>();
    const times = new Set<number>();
    for (const row of rows) {
        const t = moment_of(row, roles),
            v = value_of(row[measure]);
        if (t === null) continue;
        times.add(t);
        if (v === null) continue;
        const name = roles.group < 0 ? "" : String(row[roles.group]);
        if (!by.has(name)) by.set(name, new Map());
        const line = by.get(name)!;
        line.set(t, (line.get(t) ?? 0) + v);
    }
    return { times, by };
}

function total(line: Map<number, number>): number {
    return [...line.values()].reduce((a, b) => a + b, 0);
}

// The largest ones have a colour of their own.
function lines_of(by: Map<string, Map<number, number>>, times: number[], measure: string, others: string): Line[] {
    const sorted = [...by].sort((a, b) => total(b[1]) - total(a[1]));
    const own = sorted.length > groups_max ? sorted.slice(0, groups_max - 1) : sorted;
    const lines = own.map(([name, line]) => ({
        name: name || measure,
        values: times.map((t) => line.get(t) ?? null),
    }));
    const rest = sorted.slice(own.length).map(([, line]) => line);
    if (rest.length)
        lines.push({
            name: others,
            values: times.map((t) => rest.reduce((sum, line) => sum + (line.get(t) ?? 0), 0)),
        });
    return lines;
}

export function drawing_of(columns: Column[], rows: Cell[][], chosen: string, others: string): Drawing | null {
    const roles = roles_of(columns, rows);
    if (!roles) return null;
    const measure = roles.measures.find((i) => columns[i].name === chosen) ?? roles.measures[0];
    const { times, by } = sums(rows, roles, measure);
    const counted = columns[measure].type === "whole";
    const several = by.size > 1 || times.size < rows.length;
    if (times.size < 2 || times.size > points_max || (several && !counted && roles.group < 0)) return null;
    const sorted = [...times].sort((a, b) => a - b);
    return {
        times: sorted,
        lines: lines_of(by, sorted, columns[measure].name, others),
        bars: counted && sorted.length <= bars_max,
    };
}

const clocks = new Map<string, Intl.DateTimeFormat>(); // making one takes longer than many readings

function clock_of(timeZone: string): Intl.DateTimeFormat {
    const made =
        clocks.get(timeZone) ??
        new Intl.DateTimeFormat("en-CA", {
            timeZone,
            hourCycle: "h23",
            year: "numeric",
            month: "2-digit",
            day: "2-digit",
            hour: "2-digit",
            minute: "2-digit",
            second: "2-digit",
        });
    clocks.set(timeZone, made);
    return made;
}

// An instant as the wall clock of the site shows it.
export function to_wall_s(at: string, timezone: string | null): number {
    const ms = Date.parse(at);
    if (!timezone) return ms / 1000 - new Date(ms).getTimezoneOffset() * 60;
    const parts = clock_of(timezone).formatToParts(ms);
    const of = (type: string) => parts.find((p) => p.type === type)?.value ?? "00";
    return (
        Date.parse(`${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}Z`) /
        1000
    );
}

// The same for a cell: "2026-11-20 12:45:00", with what there is of a second. What is no moment ("infinity") stays.
export function wall_text(cell: Cell, timezone: string | null): Cell {
    if (typeof cell !== "string" || Number.isNaN(Date.parse(cell))) return cell;
    const second = new Date(Math.floor(to_wall_s(cell, timezone)) * 1000).toISOString();
    const ms = cell.slice(20, 23);
    return second.slice(0, 19).replace("T", " ") + (ms === "000" ? "" : `.${ms}`);
}

// And back, for asking which releases fall into a drawing: half a day wider on both sides than any zone needs.
export function around(times: number[]): { from: string; to: string } {
    const iso = (s: number) => new Date(s * 1000).toISOString();
    return { from: iso(times[0] - day_s), to: iso(times[times.length - 1] + day_s) };
}
