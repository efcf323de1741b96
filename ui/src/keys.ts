// keys.ts: the keyboard. Ctrl K everywhere; single keys outside fields only, and not for those who switched them off.
import { copy } from "./parts/strip";
import { deed } from "./deed";
import { help_open } from "./parts/keyhelp";
import { palette_open } from "./parts/palette";
import { go, pages, where } from "./router";
import { may, me } from "./state";

const second_ms = 1500; // how long g waits for its second letter
let went = 0;

function in_field(e: KeyboardEvent): boolean {
    const t = e.composedPath()[0] as HTMLElement; // the editor lives in a shadow tree
    return t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName);
}

// Rows are the links that a page marks with data-row.
function step_row(by: number): void {
    const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

const singles: Record<string, () => void> = {
    "/": () => document.querySelector<HTMLElement>("[data-filter]")?.focus(),
    "?": () => (help_open.value = true),
    j: () => step_row(1),
    k: () => step_row(-1),
    c: () => void copy(location.href),
    g: () => (went = Date.now()),
};

function on_key(e: KeyboardEvent): void {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
        e.preventDefault();
        if (typeof me.value !== "string") palette_open.value = !palette_open.value;
        return;
    }
    const who = me.value;
    if (typeof who === "string" || !who.single_keys || where.value.page?.bare) return;
    if (e.ctrlKey || e.metaKey || e.altKey || in_field(e) || deed.value || palette_open.value || help_open.value)
        return;
    const page =
        Date.now() - went < second_ms ? pages.find((p) => p.go === e.key && (!p.right || may(p.right))) : undefined;
    went = 0;
    if (!page && !singles[e.key]) return;
    e.preventDefault();
    if (page) go(page.path);
    else singles[e.key]();
}

export function start_keys(): void {
    document.addEventListener("keydown", on_key);
}
