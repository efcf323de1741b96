// editor.tsx: where SQL is written: a plain field at once, and CodeMirror in its place as soon as it is here.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Editor, Place, Tables } from "../heavy/editor";
import { language, say } from "../words";

export type { Editor, Place, Tables };
interface Props {
    text: string;
    given: number; // another one: the text came from outside and replaces what was typed
    tables: Tables;
    wrong: Place | null;
    changed: (text: string) => void;
    run: () => void;
    made: (e: Editor | null) => void;
}

// Where one writes now, whichever of the two it is.
export function focus_editor(e: Editor | null): void {
    if (e) e.focus();
    else document.querySelector<HTMLElement>(".editor textarea")?.focus();
}

export function SqlEditor(p: Props) {
    const host = useRef<HTMLDivElement>(null);
    const plain = useRef<HTMLTextAreaElement>(null);
    const now = useRef(p);
    const typed = useRef(p.text);
    const editor = useRef<Editor | null>(null);
    const [here, come] = useState(false);
    now.current = p;
    const changed = (text: string) => {
        if (text === typed.current) return; // it was given
        typed.current = text;
        now.current.changed(text);
    };
    useEffect(() => {
        let left = false;
        import("../heavy/editor").then(
            (m) => {
                if (left || !host.current) return;
                const e = m.make_editor(host.current, {
                    text: typed.current,
                    label: say("log.question"),
                    changed,
                    run: () => now.current.run(),
                });
                e.tables(now.current.tables);
                editor.current = e;
                if (document.activeElement === plain.current) e.focus(); // who began to write goes on
                come(true);
                now.current.made(e);
            },
            () => undefined, // the plain field does it too
        );
        return () => {
            left = true;
            now.current.made(null);
            editor.current?.destroy();
        };
    }, []);
    useEffect(() => editor.current?.tables(p.tables), [p.tables]);
    useEffect(() => editor.current?.mark(p.wrong), [p.wrong, here]);
    useEffect(() => editor.current?.label(say("log.question")), [language.value]);
    useEffect(() => {
        typed.current = p.text;
        editor.current?.set(p.text);
    }, [p.given]);
    const on_key = (e: KeyboardEvent) => {
        if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey)) return;
        e.preventDefault();
        p.run();
    };
    return (
        <div class="editor">
            <div ref={host} />
            {here ? null : (
                <textarea
                    ref={plain}
                    aria-label={say("log.question")}
                    spellcheck={false}
                    rows={6}
                    onKeyDown={on_key}
                    value={p.text}
                    onInput={(e) => changed(e.currentTarget.value)}
                />
            )}
        </div>
    );
}
