// icon.tsx: the seven states, each a shape of its own so that colour never says it alone, and the strokes of the rail.
import type { JSX } from "preact";

export type Tone = "ok" | "warn" | "bad" | "run" | "wait" | "info" | "stop"; // stop: a person said so

const shapes: Record<Tone, () => JSX.Element> = {
    ok: () => (
        <>
            <circle class="fill-ok" cx="8" cy="8" r="7" />
            <path class="cut" d="M4.8 8.2l2.2 2.2 4.2-4.6" />
        </>
    ),
    warn: () => (
        <>
            <path class="fill-warn" d="M8 1.2l7.2 13H.8z" />
            <path class="cut-warn" d="M8 6v4M8 12v.2" />
        </>
    ),
    bad: () => (
        <>
            <path class="fill-bad" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
            <path class="cut" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" />
        </>
    ),
    run: () => (
        <>
            <circle class="ring" cx="8" cy="8" r="6" />
            <path class="ring-now spin" d="M8 2a6 6 0 0 1 6 6" />
        </>
    ),
    wait: () => <circle class="ring-wait" cx="8" cy="8" r="6" />,
    stop: () => (
        <>
            <circle class="ring-wait" cx="8" cy="8" r="6" />
            <path class="ring-bar" d="M5 8h6" />
        </>
    ),
    info: () => (
        <>
            <rect class="box-info" x="1.5" y="1.5" width="13" height="13" rx="3" />
            <path class="box-line" d="M8 7.2v4M8 4.6v.2" />
        </>
    ),
};

export function Icon({ tone }: { tone: Tone }) {
    return (
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            {(shapes[tone] ?? shapes.info)()}
        </svg>
    );
}

export function Mark({ tone, children }: { tone: Tone; children: string }) {
    return (
        <span class={`mark ${tone}`}>
            <Icon tone={tone} />
            {children}
        </span>
    );
}

const strokes: Record<string, string> = {
    home: "M2.5 7L8 2.5 13.5 7v6.5h-4v-4h-3v4h-4z",
    releases: "M8 13V3M4 7l4-4 4 4M3 13.5h10",
    logs: "M2.5 4h11M2.5 8h7M2.5 12h9",
    people: "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.5-3 2.5-4 5-4s4.5 1 5 4",
    audit: "M4 2.5h6l2.5 2.5v8.5H4zM6 8h4.5M6 10.5h4.5",
    pages: "M3 13.5V9M6.5 13.5v-8M10 13.5V7M13.5 13.5V3",
    more: "M3 8h.01M8 8h.01M13 8h.01",
    search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3",
};

export function Stroke({ name }: { name: string }) {
    return (
        <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d={strokes[name]} />
        </svg>
    );
}

export function House() {
    return (
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 10.5L12 3l9 7.5V21H3z" fill="var(--ink)" />
            <rect x="9" y="11.5" width="6" height="9.5" rx="3" fill="var(--lamp)" />
        </svg>
    );
}
