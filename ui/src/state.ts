// state.ts: what every page knows: who I am, which site this is, what was said last at the bottom of the screen.
import { signal } from "@preact/signals";
import type { Me } from "./answers";

export type { Me };
export type Seen = Me | "nobody" | "unknown"; // nobody: signed out; unknown: not asked yet

export const me = signal<Seen>("unknown");
export const site_name = signal<string>("");
export const timezone = signal<string | null>(null);
export const said = signal<string>(""); // a sentence for a few seconds, read out too
export const build = signal(""); // the server's version
export const another_build = signal(false);
export const no_account = signal(false); // nobody can sign in yet

let quiet: ReturnType<typeof setTimeout> | undefined;
export function tell(sentence: string): void {
    said.value = sentence;
    clearTimeout(quiet);
    quiet = setTimeout(() => (said.value = ""), 5000);
}

// Whether a button is worth showing; the server decides.
export function may(right: string, service = ""): boolean {
    const who = me.value;
    if (typeof who === "string") return false;
    return who.rights.includes(right) && (!service || !who.services.length || who.services.includes(service));
}
