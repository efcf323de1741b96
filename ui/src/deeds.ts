// deeds.ts: what a person may do about releases and locks: one row each, with when it makes sense. The page of a
// release, the list and the palette show the same rows.
import { deed, typed, type Ask, type Deed, type Given } from "./deed";
import { go } from "./router";
import type { Release, ReleaseShown } from "./shapes";
import { may, tell } from "./state";
import { took } from "./time";
import { say, say_of } from "./words";

function open_release(answer: unknown): void {
    const a = answer as { service?: string; number?: number };
    if (a.service && a.number) go(`/releases/${encodeURIComponent(a.service)}/${a.number}`);
}

function given_only(given: Given, names: string[]): object {
    return Object.fromEntries(names.filter((n) => given[n]?.trim()).map((n) => [n, given[n].trim()]));
}

function option(name: string, value: string | undefined): string {
    return value?.trim() ? ` --${name} ${typed(value.trim())}` : "";
}

function which(services: string[]): Ask {
    return { name: "service", label: say("ask.service"), required: true, choices: services };
}

// Of one that was named, or the only one there is: then there is nothing to choose.
function the_one(services: string[], named: string): string {
    return named || (services.length === 1 ? services[0] : "");
}

export function start_deed(services: string[], named = ""): Deed {
    const service = the_one(services, named);
    return {
        title: service ? say("start.title_of", { service }) : say("start.title"),
        effect: say("start.effect"),
        press: say("start.press"),
        asks: [
            ...(service ? [] : [which(services)]),
            { name: "rev", label: say("ask.rev"), hint: say("ask.rev_hint") },
        ],
        method: "POST",
        path: "/releases",
        body: (g) => ({ service, ...given_only(g, ["service", "rev"]) }),
        cli: (g) =>
            `rusuban release start ${typed(service || g.service || "SERVICE")}` +
            (g.rev?.trim() ? ` ${typed(g.rev.trim())}` : ""),
        done: open_release,
        locks: (g) => service || g.service?.trim() || "",
    };
}

export function lock_deed(services: string[], named = ""): Deed {
    const service = the_one(services, named);
    return {
        title: service ? say("lock.title_of", { service }) : say("lock.title"),
        effect: say("lock.effect"),
        press: say("lock.press"),
        asks: [
            ...(service ? [] : [which(services)]),
            { name: "reason", label: say("ask.reason"), hint: say("ask.reason_hint"), required: true, long: true },
            {
                name: "hours",
                label: say("ask.hours"),
                hint: say("ask.hours_hint"),
                number: { min: 0.1, max: 8760, step: "any" },
            },
        ],
        method: "POST",
        path: "/locks",
        body: (g) => ({
            service,
            ...given_only(g, ["service", "reason"]),
            ...(Number(g.hours) > 0 ? { for_ms: Math.round(Number(g.hours) * 3_600_000) } : {}),
        }),
        cli: (g) =>
            `rusuban lock set ${typed(service || g.service || "SERVICE")} --reason ${typed(g.reason || "WHY")}` +
            (Number(g.hours) > 0 ? ` --for ${Math.round(Number(g.hours) * 60)}m` : ""),
        done: () => tell(say("lock.done")),
        locks: (g) => service || g.service?.trim() || "",
    };
}

export function lift_deed(service: string): Deed {
    return {
        title: say("lift.title", { service }),
        effect: say("lift.effect"),
        press: say("lift.press"),
        asks: [],
        method: "POST",
        path: `/locks/${encodeURIComponent(service)}/lift`,
        body: () => ({}),
        cli: () => `rusuban lock lift ${typed(service)}`,
        done: () => tell(say("lift.done")),
    };
}

// Of a hold, where the release itself is not at hand; on its page it is one row of many.
export function continue_deed(service: string, number: number): Deed {
    return {
        title: say("do.continue.title", { service, number }),
        effect: say("do.continue.effect"),
        press: say("do.continue.press"),
        asks: [],
        method: "POST",
        path: `/releases/${encodeURIComponent(service)}/${number}/continue`,
        body: () => ({}),
        cli: () => `rusuban release continue ${typed(service)} ${number}`,
        done: () => tell(say("do.continue.done")),
    };
}

// ---- one release ----

interface Row {
    name: string;
    primary?: boolean;
    danger?: boolean;
    right: string;
    fits: (r: ReleaseShown, held: boolean) => boolean;
    asks: (r: ReleaseShown) => Ask[];
    cli: (r: ReleaseShown, g: Given) => string;
    body?: (r: ReleaseShown, g: Given) => object;
    path?: (r: ReleaseShown) => string;
}

const note = (): Ask => ({ name: "note", label: say("ask.note"), hint: say("ask.note_hint"), long: true });
const reason = (): Ask => ({
    name: "reason",
    label: say("ask.reason"),
    hint: say("ask.reason_hint"),
    required: true,
    long: true,
});
const words = (verb: string, r: Release): string => `rusuban release ${verb} ${typed(r.service)} ${r.number}`;
const ends_alone = ["finishing", "rolling_back"];

// While a canary is judged a person may decide sooner. Of who may not, the page says why, and who may.
const waits_for_yes = (r: ReleaseShown): boolean => r.state === "asking" || r.state === "judging";
const decidable = (r: ReleaseShown): boolean => waits_for_yes(r) && r.deciders?.you !== false;

const rows: Row[] = [
    {
        name: "approve",
        primary: true,
        right: "release_approve",
        fits: decidable,
        asks: () => [note()],
        cli: (r, g) => words("approve", r) + option("note", g.note),
    },
    {
        name: "reject",
        danger: true,
        right: "release_approve",
        fits: decidable,
        asks: () => [note()],
        cli: (r, g) => words("reject", r) + option("note", g.note),
    },
    {
        name: "continue",
        primary: true,
        right: "release_stop",
        fits: (r, held) => !r.over && (held || r.state === "needs_human"),
        asks: () => [],
        cli: (r) => words("continue", r),
    },
    {
        name: "hold",
        right: "release_stop",
        fits: (r, held) => !r.over && !held && r.state !== "needs_human" && !ends_alone.includes(r.state),
        asks: () => [reason()],
        cli: (r, g) => words("hold", r) + option("reason", g.reason || "WHY"),
    },
    {
        name: "leave",
        danger: true,
        right: "release_stop",
        fits: (r) => r.state === "needs_human",
        asks: () => [],
        cli: (r) => words("leave", r),
    },
    {
        name: "back",
        danger: true,
        right: "release_stop",
        fits: (r) => r.state === "needs_human",
        asks: () => [reason()],
        cli: (r, g) => `rusuban release rollback ${typed(r.service)}${option("reason", g.reason)}`,
        path: () => "/rollbacks",
        body: (r, g) => ({ service: r.service, ...given_only(g, ["reason"]) }),
    },
    {
        name: "abort",
        danger: true,
        right: "release_stop",
        fits: (r) =>
            !r.over &&
            !r.aborting &&
            !waits_for_yes(r) &&
            r.state !== "needs_human" &&
            !ends_alone.includes(r.state),
        asks: () => [note()],
        cli: (r, g) => words("abort", r) + option("note", g.note),
    },
    {
        name: "rollback",
        danger: true,
        right: "release_stop",
        fits: (r) => r.back_to !== null,
        asks: () => [reason()],
        cli: (r, g) =>
            `rusuban release rollback ${typed(r.service)} --to ${r.back_to}${option("reason", g.reason)}`,
        path: () => "/rollbacks",
        body: (r, g) => ({ service: r.service, to: r.back_to, ...given_only(g, ["reason"]) }),
    },
];

// From the first switch on a host of production to the last check of one: a roll back does the same again.
export function switch_ms(r: ReleaseShown): number | null {
    const steps = r.steps.filter(
        (s) =>
            ["production", "canary"].includes(s.state) &&
            ["switch", "restart", "health"].includes(s.step) &&
            s.took_ms !== null,
    );
    if (!steps.length) return null;
    const spans = ["canary", "production"].map((state) => {
        const mine = steps.filter((s) => s.state === state && s.begun_at && s.done_at);
        if (!mine.length) return 0;
        return (
            Math.max(...mine.map((s) => Date.parse(s.done_at!))) -
            Math.min(...mine.map((s) => Date.parse(s.begun_at!)))
        );
    });
    return spans[0] + spans[1];
}

function params(r: ReleaseShown) {
    const ms = switch_ms(r);
    return {
        service: r.service,
        number: r.number,
        base: r.base,
        back: r.back_to ?? r.base,
        about: ms ? took(Math.max(1000, ms)) : say("deed.moment"),
    };
}

export interface Button {
    name: string;
    primary: boolean;
    danger: boolean;
    text: string;
    found?: string; // what it is called where it does not stand beside its release
    line?: string; // the same for the command line
    press: () => void;
}

// told: what the canary shows, for who is about to approve it.
export function buttons_of(r: ReleaseShown, held: boolean, told = ""): Button[] {
    return rows
        .filter((row) => row.fits(r, held) && may(row.right, r.service))
        .map((row) => {
            const p = params(r);
            const text = say_of_deed(row.name, "press", p);
            const make = (): Deed => ({
                title: say_of_deed(row.name, "title", p),
                effect: [row.name === "approve" ? told : "", say_of_deed(row.name, "effect", p)].join(" ").trim(),
                press: text,
                danger: row.danger,
                asks: row.asks(r),
                method: "POST",
                path: row.path?.(r) ?? `/releases/${encodeURIComponent(r.service)}/${r.number}/${row.name}`,
                body: (g) => row.body?.(r, g) ?? given_only(g, Object.keys(g)),
                cli: (g) => row.cli(r, g),
                done: (answer) => {
                    tell(say_of_deed(row.name, "done", p));
                    if (row.name === "rollback") open_release(answer);
                },
            });
            return {
                name: row.name,
                primary: !!row.primary,
                danger: !!row.danger,
                text,
                found: say_of("palette_do", row.name, p),
                line: row.cli(r, {}),
                press: () => (deed.value = make()),
            };
        });
}

function say_of_deed(name: string, what: string, p: ReturnType<typeof params>): string {
    return say_of("do", `${name}.${what}`, p);
}
