// palette.tsx: Ctrl K: pages, services, hosts, releases and verbs in one list. Enter goes, or opens the verb's
// dialog; Tab shows the line for the command line, to copy.
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { deed } from "../deed";
import { lift_deed, lock_deed, start_deed } from "../deeds";
import { like_theme } from "../liking";
import { use_resource } from "../resource";
import { find, go, pages } from "../router";
import type { Found } from "../shapes";
import { may } from "../state";
import { say, say_of } from "../words";
import { Dialog } from "./dialog";
import { services } from "./house";
import { help_open } from "./keyhelp";
import { copy } from "./strip";

export const palette_open = signal(false);
const shown_max = 40;

interface Entry {
    text: string;
    note: string;
    line?: string;
    run: () => void;
}

function verbs(services: string[]): Entry[] {
    const list: Entry[] = [];
    if (may("release_start"))
        for (const s of services.filter((x) => may("release_start", x))) {
            const open = (d: () => typeof deed.value) => () => (deed.value = d());
            list.push(
                {
                    text: say("palette.release", { service: s }),
                    note: say("palette.verb"),
                    line: `rusuban release start ${s}`,
                    run: open(() => start_deed(services, s)),
                },
                {
                    text: say("palette.lock", { service: s }),
                    note: say("palette.verb"),
                    line: `rusuban lock set ${s} --reason WHY`,
                    run: open(() => lock_deed(services, s)),
                },
                {
                    text: say("palette.lift", { service: s }),
                    note: say("palette.verb"),
                    line: `rusuban lock lift ${s}`,
                    run: open(() => lift_deed(s)),
                },
            );
        }
    return [
        ...list,
        { text: say("palette.light"), note: say("palette.verb"), run: () => like_theme("light") },
        { text: say("palette.dark"), note: say("palette.verb"), run: () => like_theme("dark") },
        { text: say("menu.keys"), note: say("palette.verb"), run: () => (help_open.value = true) },
    ];
}

function entries(found: Found[]): Entry[] {
    return [
        ...pages
            .filter((p) => p.go && (!p.right || may(p.right)))
            .map((p): Entry => ({ text: say(p.title), note: say("palette.page"), run: () => go(p.path) })),
        ...verbs(services.value),
        ...found
            .filter((f) => f.kind !== "command" && f.path && find(new URL(f.path, location.href)).page)
            .map((f): Entry => ({
                text: f.about && f.kind === "release" ? `${f.name} ${f.about}` : f.name,
                note: say_of("kind", f.kind),
                line: f.cli ?? undefined,
                run: () => go(f.path!),
            })),
        ...found
            .filter((f) => f.kind === "command")
            .map((f): Entry => ({ text: f.name, note: f.about ?? "", line: f.cli!, run: () => void copy(f.cli!) })),
    ];
}

// Every letter in order; the tighter and the nearer to a word's beginning, the better. -1: not at all.
export function score(text: string, typed: string): number {
    const t = text.toLowerCase(),
        q = typed.toLowerCase().replace(/\s+/g, "");
    let at = -1,
        points = 0;
    for (const c of q) {
        const next = t.indexOf(c, at + 1);
        if (next < 0) return -1;
        points += next === at + 1 ? 3 : 1;
        if (next === 0 || /[\s/#-]/.test(t[next - 1])) points += 2;
        at = next;
    }
    return points - t.length / 100;
}

function best(all: Entry[], typed: string): Entry[] {
    if (!typed.trim()) return all.slice(0, shown_max);
    return all
        .map((e) => ({ e, s: score(e.text, typed) }))
        .filter((x) => x.s >= 0)
        .sort((a, b) => b.s - a.s)
        .slice(0, shown_max)
        .map((x) => x.e);
}

export function Palette() {
    const found = use_resource<{ items: Found[] }>("/palette");
    const [typed, type] = useState("");
    const [at, move] = useState(0);
    const [line, show_line] = useState<string | null>(null);
    const list = useRef<HTMLDivElement>(null);
    const close = () => (palette_open.value = false);
    const shown = best(entries(found.data.value?.items ?? []), typed);
    const now = Math.min(at, shown.length - 1);

    const run = (e: Entry | undefined) => {
        if (!e) return;
        close();
        e.run();
    };
    const select = (n: number) => {
        const next = Math.max(0, Math.min(shown.length - 1, n));
        move(next);
        show_line(null);
        list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    };
    const on_key = (e: KeyboardEvent) => {
        const keys: Record<string, () => void> = {
            ArrowDown: () => select(now + 1),
            ArrowUp: () => select(now - 1),
            Enter: () => run(shown[now]),
            Tab: () => show_line(shown[now]?.line ?? null),
        };
        if (
            !keys[e.key] ||
            e.isComposing ||
            (e.key === "Tab" && (e.shiftKey || line !== null || !shown[now]?.line))
        )
            return;
        e.preventDefault();
        keys[e.key]();
    };
    return (
        <Dialog label={say("palette.title")} close={close} kind="pal">
            <div class="pal-in">
                <input
                    autoFocus
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="pal-list"
                    aria-activedescendant={shown.length ? `pal-${now}` : undefined}
                    aria-label={say("top.find")}
                    placeholder={say("top.find")}
                    value={typed}
                    autoComplete="off"
                    spellcheck={false}
                    onKeyDown={on_key}
                    onInput={(e) => {
                        type(e.currentTarget.value);
                        move(0);
                        show_line(null);
                    }}
                />
            </div>
            <div class="pal-list" id="pal-list" role="listbox" aria-label={say("palette.title")} ref={list}>
                {shown.map((e, i) => (
                    <div
                        key={i}
                        id={`pal-${i}`}
                        class="pal-item"
                        role="option"
                        aria-selected={i === now}
                        onClick={() => run(e)}
                        onMouseMove={() => i !== now && move(i)}>
                        <span>{e.text}</span>
                        <small>{e.note}</small>
                    </div>
                ))}
            </div>
            {shown.length ? null : <p class="panel-pad sub">{say("palette.none")}</p>}
            {line === null ? (
                <div class="pal-foot">
                    <span>
                        <kbd>Enter</kbd> {say("palette.enter")}
                    </span>
                    <span>
                        <kbd>Tab</kbd> {say("palette.tab")}
                    </span>
                </div>
            ) : (
                <div class="pal-foot">
                    <code class="mono">{line}</code>
                    <button class="btn small" onClick={() => void copy(line)}>
                        {say("copy.copy")}
                    </button>
                </div>
            )}
        </Dialog>
    );
}
