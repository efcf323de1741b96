// palette.tsx: Ctrl K: what found.ts lists, as one types. Enter goes, opens the verb's dialog, or copies a command where
// it says so; Tab shows the line for the command line, to copy.
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { say } from "../words";
import { Dialog } from "./dialog";
import { best, use_entries, type Entry } from "./found";
import { copy } from "./strip";

export const palette_open = signal(false);
const shown_max = 40;

export function Palette() {
    const [typed, type] = useState("");
    const [at, move] = useState(0);
    const [line, show_line] = useState<string | null>(null);
    const list = useRef<HTMLDivElement>(null);
    const close = () => (palette_open.value = false);
    const shown = best(use_entries(), typed, shown_max);
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
                        <kbd>Enter</kbd> {shown[now]?.copies ? say("palette.enter_copy") : say("palette.enter")}
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
