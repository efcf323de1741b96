// state.ts: what every page knows: who I am, which site this is, what was said last at the bottom of the screen.
import { signal } from "@preact/signals";

export interface Me {
    name: string;
    role: string;
    services: string[]; // what it may act on; none: all
    rights: string[]; // "see", "release_start"
    account: boolean; // settings are kept on the server
    password: boolean; // it has one here; else it comes by the provider
    language: string;
    theme: string;
    single_keys: boolean;
}

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
