// words.ts: messages in the reader's language. Keys are checked when the pages are built (ui/words.mjs), so say()
// cannot miss. A component that says something is drawn anew when the language changes.
//
//     say("home.needs", { n: 3 })         "Three things need you."
//     say_of("state", release.state)      the message state.asking, for words that the server chooses
import { signal } from "@preact/signals";
import type { Said } from "words-types";
import { foreign } from "./foreign";
import { forget, recall, remember } from "./keep";

export type Language = "en" | "ja";
export type Params = Record<string, string | number>;
export const languages: Record<Language, string> = { en: "English", ja: "日本語" };
export const language = signal<Language>("en");

type Words = Record<string, string>;
const books: Record<Language, () => Promise<{ words: Words }>> = {
    en: () => import("words-en"),
    ja: () => import("words-ja"),
};
const spelled = [
    "No",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
];
let words: Words = {};

export async function speak(l: Language): Promise<void> {
    words = (await books[l]()).words;
    language.value = l;
    // The server names these words beside the program the next time.
    document.cookie = `rusuban-language=${l}; Path=/; Max-Age=31536000; SameSite=Lax`;
    document.documentElement.lang = l;
}

export function choose_language(l: Language | null): Promise<void> {
    if (l) remember("language", l);
    else forget("language");
    return speak(l ?? first_language());
}

export function first_language(): Language {
    const kept = recall("language");
    return kept === "en" || kept === "ja" ? kept : browser_language();
}

export function browser_language(): Language {
    return navigator.languages.find((x) => /^(ja|en)/.test(x))?.startsWith("ja") ? "ja" : "en";
}

export function number(n: number, digits = 0): string {
    return new Intl.NumberFormat(language.value, {
        maximumFractionDigits: digits,
        minimumFractionDigits: 0,
    }).format(n);
}

// Names that happen to be numbers: not grouped as 1,482.
const names = new Set(["number", "base", "back", "target", "status"]);

function shown(name: string, v: string | number | undefined): string {
    return typeof v === "number" && !names.has(name) ? number(v, 2) : foreign(String(v ?? ""));
}

function spell(name: string, v: string | number | undefined): string {
    return typeof v === "number" && spelled[v] && language.value === "en" ? spelled[v] : shown(name, v);
}

function fill(text: string, p: Params): string {
    return text.replace(
        /\{([a-z_][a-z0-9_]*)(#|\|([^|{}]*)\|([^|{}]*))?\}/g,
        (_, name: string, how?: string, one?: string, more?: string) => {
            const v = p[name];
            if (!how) return shown(name, v);
            return how === "#" ? spell(name, v) : ((v === 1 ? one : more) ?? "");
        },
    );
}

// What a message needs is checked with the types (ui/words.mjs writes Said): what may be one of several needs all that
// any of them does.
export type Key = keyof Said;
type All<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
type Given<K extends Key> = {} extends All<Said[K]> ? [p?: Params] : [p: All<Said[K]>];
type Of<F extends string, N extends string> = Extract<Key, `${F}.${N}`>;
export type Plain = { [K in Key]: {} extends Said[K] ? K : never }[Key]; // messages without parameters

export function say<K extends Key>(key: K, ...[p]: Given<K>): string {
    return language.value ? fill(words[key] ?? key, p ?? {}) : "";
}

// For what the server says in English and by a name: our words for the name, else its own.
export function say_or<F extends string, N extends string>(
    family: F,
    name: N,
    otherwise: string,
    ...[p]: Given<Of<F, N>>
): string {
    const key = `${family}.${name}`;
    return language.value && words[key] !== undefined ? fill(words[key], p ?? {}) : otherwise;
}

// The word itself where there is no message: a newer server may know more states than this page.
export function say_of<F extends string, N extends string>(family: F, name: N, ...p: Given<Of<F, N>>): string {
    return say_or(family, name, name.replaceAll("_", " "), ...p);
}
