// deed.ts: something that a person may do, as a value: what the dialog asks and says, and the request it becomes. The
// dialog (parts/deed.tsx) is the same for all of them.
import { signal } from "@preact/signals";
import type { Method } from "./api";

export interface Ask {
    name: string;
    label: string;
    hint?: string;
    required?: boolean;
    long?: boolean;
    value?: string;
    choices?: string[]; // suggested, beside what may be typed
    options?: [string, string][]; // nothing else: value and word
    secret?: "current-password" | "new-password";
    check?: boolean;
    number?: { min: number; max: number; step: number | "any" }; // the browser lets nothing else pass
}
export type Given = Record<string, string>;
export interface Deed {
    title: string; // what will happen, as a heading
    effect: string; // what it means and how long it takes
    press: string; // what the button says: the effect, not "OK"
    danger?: boolean;
    asks: Ask[];
    method: Method;
    path: string;
    match?: string; // If-Match
    body: (given: Given) => object;
    cli?: (given: Given) => string;
    done: (answer: unknown) => void;
    locks?: (given: Given) => string; // the service whose locks are told, and can be lifted, in the dialog
    after?: Deed; // the dialog that this one was opened in, with what was typed there: it comes back
}

export const deed = signal<Deed | null>(null);

// The same dialog with what was typed into it.
export function filled(d: Deed, given: Given): Deed {
    return { ...d, asks: d.asks.map((a) => ({ ...a, value: given[a.name] })) };
}

// A word of the command line as it must be typed.
export function typed(word: string): string {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
