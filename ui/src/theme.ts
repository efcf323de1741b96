// theme.ts: light or dark: what the reader chose here, else what their system says, also when that changes.
import { signal } from "@preact/signals";
import { forget, recall, remember } from "./keep";

export type Theme = "light" | "dark" | "auto";
export const theme = signal<Theme>("auto");
const dark = matchMedia("(prefers-color-scheme: dark)");

function put_on(): void {
    const chosen = theme.value === "auto" ? (dark.matches ? "dark" : "light") : theme.value;
    document.documentElement.dataset.theme = chosen;
}

export function choose_theme(t: Theme): void {
    theme.value = t;
    if (t === "auto") forget("theme");
    else remember("theme", t);
    put_on();
}

export function start_theme(): void {
    const kept = recall("theme");
    theme.value = kept === "light" || kept === "dark" ? kept : "auto";
    dark.addEventListener("change", put_on);
    put_on();
}
