// top.tsx: the bar above every page: where one is, whether it is live, the palette, language, oneself.
import { useEffect, useRef, useState } from "preact/hooks";
import { like_language } from "../liking";
import { heard, heard_at } from "../live";
import { find, where } from "../router";
import { me } from "../state";
import { took } from "../time";
import { language, languages, say, type Language } from "../words";
import { Stroke } from "./icon";
import { Menu } from "./menu";
import { palette_open } from "./palette";

function Crumbs() {
    const { page, values } = where.value;
    const above = page?.under ? find(new URL(page.under, location.href)).page : null;
    return (
        <nav aria-label={say("top.where")}>
            <ol class="crumbs">
                {above ? (
                    <li>
                        <a href={above.path}>{say(above.title)}</a>
                    </li>
                ) : null}
                {above && values.service ? (
                    <li>
                        <a href={`${above.path}?service=${encodeURIComponent(values.service)}`}>{values.service}</a>
                    </li>
                ) : null}
                <li>
                    <span aria-current="page">{page ? (values.number ?? say(page.title)) : say("page.lost")}</span>
                </li>
            </ol>
        </nav>
    );
}

function Live() {
    const [, tick] = useState(0);
    const state = heard.value;
    useEffect(() => {
        if (state !== "stale") return;
        const timer = setInterval(() => tick((n) => n + 1), 5000);
        return () => clearInterval(timer);
    }, [state]);
    if (state === "off") return null;
    const words =
        state === "live"
            ? say("live.live")
            : state === "polling"
              ? say("live.polling")
              : say("live.stale", { ago: took(Date.now() - heard_at.value) });
    return (
        <span class={`heard ${state === "live" ? "" : "stale"}`} title={words}>
            <span>{words}</span>
        </span>
    );
}

function initials(name: string): string {
    const parts = name
        .trim()
        .split(/[\s._-]+/)
        .filter(Boolean);
    return parts
        .slice(0, 2)
        .map((p) => [...p][0])
        .join("")
        .toUpperCase();
}

export function Top() {
    const [open, set_open] = useState(false);
    const button = useRef<HTMLButtonElement>(null);
    const who = me.value;
    const other: Language = language.value === "ja" ? "en" : "ja";
    const close = () => {
        set_open(false);
        button.current?.focus();
    };
    return (
        <header class="top">
            <Crumbs />
            <Live />
            <button class="find" onClick={() => (palette_open.value = true)}>
                <Stroke name="search" />
                <span>{say("top.find")}</span>
                <kbd>Ctrl K</kbd>
            </button>
            <button class="top-btn lang" lang={other} onClick={() => void like_language(other)}>
                {languages[other]}
            </button>
            <div>
                <button
                    class="me"
                    ref={button}
                    aria-haspopup="menu"
                    aria-expanded={open}
                    onClick={() => set_open(!open)}
                    aria-label={say("top.me", { name: typeof who === "string" ? "" : who.name })}>
                    <span aria-hidden="true">{initials(typeof who === "string" ? "?" : who.name)}</span>
                </button>
                {open ? <Menu close={close} /> : null}
            </div>
        </header>
    );
}
