// menu.tsx: who I am, theme, language, keys, signing out.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { act, forget_answers } from "../api";
import { forget } from "../keep";
import { hang_up } from "../live";
import { like_language, like_theme } from "../liking";
import { me, tell } from "../state";
import { theme, type Theme } from "../theme";
import { language, languages, say, say_of, type Language } from "../words";
import { help_open } from "./keyhelp";

async function sign_out(): Promise<void> {
    hang_up();
    await act("DELETE", "/session").catch(() => tell(say("error.unreachable")));
    forget_answers();
    forget("log.drafts"); // it may name people
    me.value = "nobody";
}

// The first thing in it has the focus, as soon as it is there; a press elsewhere or Escape closes it.
export function use_menu(close: () => void): RefObject<HTMLDivElement | null> {
    const ref = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
        ref.current?.querySelector<HTMLElement>("a, button")?.focus();
        const away = (e: Event) => {
            if (!ref.current?.parentElement?.contains(e.target as Node)) close();
        };
        const escape = (e: KeyboardEvent) => {
            if (e.key === "Escape") close();
        };
        document.addEventListener("mousedown", away);
        document.addEventListener("keydown", escape);
        return () => {
            document.removeEventListener("mousedown", away);
            document.removeEventListener("keydown", escape);
        };
    }, []);
    return ref;
}

export function Menu({ close }: { close: () => void }) {
    const ref = use_menu(close);
    const who = me.value;
    const radio = (checked: boolean, text: string, press: () => void, lang?: string) => (
        <button role="menuitemradio" aria-checked={checked} lang={lang} onClick={press}>
            {text}
        </button>
    );
    const themes: Theme[] = ["light", "dark", "auto"];
    return (
        <div class="menu" ref={ref} role="menu" aria-label={say("menu.name")}>
            {typeof who === "string" ? null : (
                <p role="none">
                    <b>{who.name}</b>
                    <br />
                    <span class="dim note">{say_of("role", who.role)}</span>
                </p>
            )}
            <a role="menuitem" href="/me" onClick={close}>
                {say("page.me")}
            </a>
            <hr role="none" />
            {themes.map((t) => radio(theme.value === t, theme_word(t), () => like_theme(t)))}
            <hr role="none" />
            {(Object.keys(languages) as Language[]).map((l) =>
                radio(language.value === l, languages[l], () => void like_language(l), l),
            )}
            <hr role="none" />
            <button
                role="menuitem"
                onClick={() => {
                    close();
                    help_open.value = true;
                }}>
                {say("menu.keys")}
            </button>
            <button
                role="menuitem"
                onClick={() => {
                    close();
                    void sign_out();
                }}>
                {say("menu.sign_out")}
            </button>
        </div>
    );
}

export function theme_word(t: Theme): string {
    return t === "light" ? say("menu.light") : t === "dark" ? say("menu.dark") : say("menu.system");
}
