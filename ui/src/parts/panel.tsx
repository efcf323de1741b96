// panel.tsx: a titled part of a page that shows one resource, in each of its states: loading (bones, after 200 ms),
// empty, whole, stale (what was true before, and why it could not be asked again), failed, and not allowed.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { foreign, type ApiError } from "../api";
import type { Resource } from "../resource";
import { clock } from "../time";
import { say } from "../words";
import { Icon } from "./icon";
import { Strip } from "./strip";

const patience_ms = 200;

export function Bones({ lines }: { lines: number }) {
    const [shown, show] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => show(true), patience_ms);
        return () => clearTimeout(timer);
    }, []);
    return (
        <div class="bones" aria-busy="true">
            <span class="unseen">{say("panel.loading")}</span>
            {Array.from({ length: lines }, (_, i) =>
                shown ? <i key={i} /> : <div key={i} style={{ height: "12px" }} />,
            )}
        </div>
    );
}

export function Trouble({ error, again }: { error: ApiError; again?: () => void }) {
    const forbidden = error.code === "forbidden";
    const { hint, request, details } = error.told;
    return (
        <div class="panel-said" role="alert">
            <Icon tone={forbidden ? "info" : "bad"} />
            <div>
                {forbidden ? <b>{say("panel.forbidden")}</b> : <b lang={error.lang}>{error.message}</b>}
                {forbidden ? (
                    <span class="sub" lang={error.lang}>
                        {error.message}
                    </span>
                ) : null}
                {details.length > 1 ? (
                    <ul>
                        {details.map((d) => (
                            <li class="sub" lang={foreign(d.lang)}>
                                {d.message}
                            </li>
                        ))}
                    </ul>
                ) : null}
                {hint ? <Hint text={hint} lang={error.lang} /> : null}
                {again ? (
                    <button class="btn small" onClick={again}>
                        {say("panel.again")}
                    </button>
                ) : null}
                {request ? <span class="dim note">{say("panel.request", { id: request })}</span> : null}
            </div>
        </div>
    );
}

// The way out is often a line to type.
export function Hint({ text, lang }: { text: string; lang?: string }) {
    if (text.startsWith("rusuban ")) return <Strip line={text} />;
    return (
        <span class="sub" lang={lang}>
            {text}
        </span>
    );
}

export function Empty({ children, line }: { children: ComponentChildren; line?: string }) {
    return (
        <div class="panel-said">
            <Icon tone="info" />
            <div>
                <span>{children}</span>
                {line ? <Strip line={line} /> : null}
            </div>
        </div>
    );
}

function Stale({ error, at, again }: { error: ApiError; at: number; again: () => void }) {
    return (
        <div class="panel-strip" role="status">
            <Icon tone="warn" />
            <span>{say("panel.stale", { at: clock(new Date(at).toISOString()), why: error.message })}</span>
            <button class="btn small" onClick={again}>
                {say("panel.again")}
            </button>
        </div>
    );
}

interface Props<T> {
    of: Resource<T>;
    title?: string;
    name?: string;
    end?: ComponentChildren;
    lines?: number;
    kind?: string;
    children: (data: T) => ComponentChildren;
}

function Inside<T>({ of, lines = 4, children }: Props<T>) {
    const data = of.data.value,
        error = of.error.value;
    const again = () => void of.refresh();
    if (data === undefined) return error ? <Trouble error={error} again={again} /> : <Bones lines={lines} />;
    return (
        <>
            {error ? <Stale error={error} at={of.at.value} again={again} /> : null}
            {children(data)}
        </>
    );
}

export function Panel<T>(p: Props<T>) {
    return (
        <section class={p.kind ?? ""} aria-label={p.title ?? p.name}>
            {p.title ? (
                <div class="panel-bar">
                    <h2>{p.title}</h2>
                    {p.end}
                </div>
            ) : null}
            <div class="panel">
                <Inside {...p} />
            </div>
        </section>
    );
}
