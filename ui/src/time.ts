// time.ts: times as people of the site read them (its own timezone), and durations with their unit.
import { language, number, say } from "./words";
import { timezone } from "./state";

function format(at: string, how: Intl.DateTimeFormatOptions): string {
    const options = { ...how, hourCycle: "h23" as const, timeZone: timezone.value ?? undefined };
    return new Intl.DateTimeFormat(language.value === "ja" ? "ja-JP" : "en-GB", options).format(new Date(at));
}

function day_of(at: string | number): string {
    return new Intl.DateTimeFormat("en-CA", { timeZone: timezone.value ?? undefined }).format(new Date(at));
}

export function clock(at: string): string {
    return format(at, { hour: "2-digit", minute: "2-digit" });
}

// 14:02 today, 20 Nov 14:02 before.
export function when(at: string): string {
    if (day_of(at) === day_of(Date.now())) return clock(at);
    return format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

export function full_time(at: string): string {
    return format(at, { dateStyle: "long", timeStyle: "long" } as Intl.DateTimeFormatOptions);
}

export function took(ms: number): string {
    if (ms < 1000) return say("time.ms", { n: Math.round(ms) });
    const s = ms / 1000;
    if (s < 100) return say("time.s", { n: s < 10 ? number(s, 1) : number(s) });
    if (s < 6000) return say("time.min", { m: Math.floor(s / 60), s: Math.round(s % 60) });
    return say("time.h", { h: Math.floor(s / 3600), m: Math.round((s % 3600) / 60) });
}

// Since a moment, in its largest unit alone: what is read at a glance and need not be exact.
export function age(at: string): string {
    const min = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 60_000));
    if (min < 60) return say("time.minutes", { n: min });
    return min < 48 * 60 ? say("time.hours", { n: Math.floor(min / 60) }) : say("time.days", { n: Math.floor(min / 1440) });
}

export function size(bytes: number): string {
    const units = ["B", "KB", "MB", "GB", "TB"];
    let i = 0;
    for (; bytes >= 1000 && i < units.length - 1; i++) bytes /= 1000;
    return `${number(bytes, bytes < 10 && i ? 1 : 0)} ${units[i]}`;
}
