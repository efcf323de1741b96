// found.ts: what Ctrl K finds: pages, what this reader may do, what the house has names for, and commands to copy.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import { deed, typed } from "../deed";
import { buttons_of, lift_deed, lock_deed, start_deed } from "../deeds";
import { foreign } from "../foreign";
import { like_theme } from "../liking";
import { use_resource } from "../resource";
import { find, go, pages } from "../router";
import type { Found, List, Lock, Releases, ReleaseShown } from "../shapes";
import { may } from "../state";
import { say, say_of } from "../words";
import { services } from "./house";
import { help_open } from "./keyhelp";
import { copy } from "./strip";

export interface Entry {
    text: string;
    note: string;
    line?: string;
    also?: string; // found by this too
    copies?: boolean;
    run: () => void;
}

const looked_at_most = 20;

// What a command needs that does more than look; who may not is not offered it. One that is not named here is an
// administrator's, or for whoever is on the server.
const everybodys = new RegExp(
    "^(release (status|history|show|watch|hosts)|lock show|log (status|watch|pages)|site (show|reference)|" +
        "status|help|version)$",
);
const rights: [RegExp, string][] = [
    [/^release (approve|reject)$/, "release_approve"],
    [/^release (abort|hold|continue|leave|rollback)$/, "release_stop"],
    [/^release( start| plan)?$/, "release_start"],
    [/^lock /, "lock_set"],
    [/^log (tail|columns|sql|top|page|user)$/, "log_read"],
    [/^token /, "own"],
];

function may_type(words: string): boolean {
    return everybodys.test(words) || may(rights.find(([of]) => of.test(words))?.[1] ?? "admin");
}

function address(service: string, number: number): string {
    return `/releases/${encodeURIComponent(service)}/${number}`;
}

// Releases that something can be done about: those under way, and what visitors get of each service.
function use_doable(): ReleaseShown[] {
    const acts = may("release_stop") || may("release_approve");
    const list = use_resource<Releases>("/releases", ["release"]).data.value;
    const [shown, show] = useState<ReleaseShown[]>([]);
    useEffect(() => {
        let left = false;
        const paths = new Set([
            ...(list?.items ?? []).filter((r) => !r.over).map((r) => address(r.service, r.number)),
            ...(list?.live ?? [])
                .filter((l) => l.number !== null)
                .map((l) => address(l.service, l.release ?? l.number!)),
        ]);
        const asked = [...(acts ? paths : [])].slice(0, looked_at_most).map((p) => get<ReleaseShown>(p));
        void Promise.allSettled(asked).then((all) => {
            if (!left) show(all.flatMap((x) => (x.status === "fulfilled" ? [x.value.data] : [])));
        });
        return () => {
            left = true;
        };
    }, [list, acts]);
    return shown;
}

function of_releases(shown: ReleaseShown[], locks: Lock[]): Entry[] {
    return shown.flatMap((r) =>
        buttons_of(r, locks.some((l) => l.service === r.service && l.release === r.number)).map(
            (b): Entry => ({ text: b.found ?? b.text, note: say("palette.verb"), line: b.line, also: b.line, run: b.press }),
        ),
    );
}

function of_services(all: string[], locks: Lock[]): Entry[] {
    return all.flatMap((s) => {
        const rows: [boolean, string, string, () => typeof deed.value][] = [
            [
                may("release_start", s),
                say("palette.release", { service: s }),
                `rusuban release start ${typed(s)}`,
                () => start_deed(all, s),
            ],
            [
                may("lock_set", s),
                say("palette.lock", { service: s }),
                `rusuban lock set ${typed(s)} --reason WHY`,
                () => lock_deed(all, s),
            ],
            [
                may("lock_set", s) && locks.some((l) => l.service === s && l.release === null),
                say("palette.lift", { service: s }),
                `rusuban lock lift ${typed(s)}`,
                () => lift_deed(s),
            ],
        ];
        return rows
            .filter(([may_be]) => may_be)
            .map(([, text, line, make]) => ({
                text,
                note: say("palette.verb"),
                line,
                also: line,
                run: () => (deed.value = make()),
            }));
    });
}

function of_names(found: Found[]): Entry[] {
    return found
        .filter((f) => f.kind !== "command" && f.path && find(new URL(f.path, location.href)).page)
        .map((f) => ({
            text: foreign(f.kind === "release" && f.about ? `${f.name} ${f.about}` : f.name),
            note: say_of("kind", f.kind),
            line: f.kind === "log_page" ? `rusuban log page ${typed(f.name)}` : (f.cli ?? undefined),
            also: f.kind === "host" || f.kind === "zone" ? `${say_of("kind", f.kind)} ${f.name}` : undefined,
            run: () => go(f.path!),
        }));
}

function of_commands(found: Found[]): Entry[] {
    return found
        .filter((f) => f.kind === "command" && may_type(f.name))
        .map((f) => ({
            text: say("palette.copy", { line: f.cli! }),
            note: f.about ?? "",
            line: f.cli!,
            also: f.name,
            copies: true,
            run: () => void copy(f.cli!, say("palette.copied", { line: f.cli! })),
        }));
}

export function use_entries(): Entry[] {
    const found = use_resource<{ items: Found[] }>("/palette").data.value?.items ?? [];
    const locks = use_resource<List<Lock>>("/locks", ["lock"]).data.value?.items ?? [];
    const doable = use_doable();
    const verb = say("palette.verb");
    return [
        ...pages
            .filter((p) => p.go && (!p.right || may(p.right)))
            .map((p): Entry => ({ text: say(p.title), note: say("palette.page"), run: () => go(p.path) })),
        ...of_releases(doable, locks),
        ...of_services(services.value, locks),
        { text: say("palette.light"), note: verb, run: () => like_theme("light") },
        { text: say("palette.dark"), note: verb, run: () => like_theme("dark") },
        { text: say("menu.keys"), note: verb, run: () => (help_open.value = true) },
        ...of_names(found),
        ...of_commands(found),
    ];
}

// Every letter in order; the tighter and the nearer to a word's beginning, the better. -1: not at all.
export function score(text: string, wanted: string): number {
    const t = text.toLowerCase(),
        q = wanted.toLowerCase().replace(/\s+/g, "");
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

// What does it goes before what only copies how it is done.
function score_of(e: Entry, wanted: string): number {
    const by_text = e.copies ? -1 : score(e.text, wanted),
        by_also = e.also ? score(e.also.replace(/^rusuban /, ""), wanted) : -1;
    const better = Math.max(by_text, by_also);
    return better < 0 ? -1 : better + (e.copies ? 0 : 1);
}

export function best(all: Entry[], wanted: string, most: number): Entry[] {
    if (!wanted.trim()) return all.slice(0, most);
    return all
        .map((e) => ({ e, s: score_of(e, wanted) }))
        .filter((x) => x.s >= 0)
        .sort((a, b) => b.s - a.s)
        .slice(0, most)
        .map((x) => x.e);
}
