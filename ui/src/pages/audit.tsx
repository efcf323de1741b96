// audit.tsx: who did what, newest first, each line bound to the one before it; whether all of it is as it was written.
import { useState } from "preact/hooks";
import type { Deed as Line, Verified } from "../answers";
import { ApiError, get } from "../api";
import { foreign } from "../foreign";
import { use_more } from "../more";
import { Icon } from "../parts/icon";
import { Older } from "../parts/older";
import { Empty, Panel, Trouble } from "../parts/panel";
import { Strip } from "../parts/strip";
import { use_resource } from "../resource";
import { go, type PageProps } from "../router";
import type { List } from "../shapes";
import { full_time, when } from "../time";
import { number, say, say_or } from "../words";

// What has no command of its own is recorded as its request.
function verb_words(verb: string): string {
    return say_or(
        "verb",
        verb
            .toLowerCase()
            .match(/[a-z]+/g)
            ?.join("_") ?? "",
        verb,
    );
}

// What was refused beyond a few in a minute is one line with a number.
function change(l: Line): string {
    const more = l.verb === "refused" && /^\{"more":(\d+)\}$/.exec(l.after ?? "");
    if (more) return say("audit.more", { n: Number(more[1]) });
    return foreign([l.before, l.after].map(plain).filter(Boolean).join(" → "));
}

// What was sent, without the brackets and what was left open; whole where the pointer rests.
function plain(text: string | null): string {
    if (!text?.startsWith("{")) return text ?? "";
    try {
        const given = Object.entries(JSON.parse(text) as object).filter(([, v]) => v !== null && v !== "" && v !== false);
        return given.map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : v}`).join(", ");
    } catch {
        return text; // cut off, or never JSON
    }
}

// By a page, a token and which, or on the server; and from where.
function from_words(l: Line): string {
    const token = /^token (.*)$/.exec(l.via);
    const way = token ? say("way.token", { name: token[1] }) : l.via && say_or("audit_way", l.via, l.via);
    return [way, foreign(l.from ?? "")].filter(Boolean).join(say("list.and"));
}

function Row({ l }: { l: Line }) {
    return (
        <tr>
            <td class="right dim audit-seq">{number(l.seq)}</td>
            <td class="audit-at">
                <time dateTime={l.at} title={full_time(l.at)}>
                    {when(l.at)}
                </time>
            </td>
            <td class="people-name">{foreign(l.who)}</td>
            <td class="audit-from">{from_words(l)}</td>
            <td class="audit-verb" title={l.verb}>{verb_words(l.verb)}</td>
            <td class="mono audit-on">{foreign(l.subject)}</td>
            <td class="wide" title={foreign([l.before, l.after].filter(Boolean).join(" → "))}>
                {l.ok ? (
                    change(l)
                ) : (
                    <>
                        <span class="mark bad">{say("audit.refused")}</span> {change(l)}
                    </>
                )}
            </td>
        </tr>
    );
}

function Rows({ first, query }: { first: List<Line>; query: URLSearchParams }) {
    const list = use_more(first, "/audit", query, (l) => l.seq);
    const all = list.all;
    if (!all.length) return <Empty>{say("palette.none")}</Empty>;
    return (
        <>
            <div class="panel-scroll" role="region" aria-label={say("page.audit")} tabIndex={0}>
                <table class="audit-table">
                    <thead>
                        <tr>
                            <th scope="col" class="right">
                                {say("audit.line")}
                            </th>
                            <th scope="col">{say("releases.when")}</th>
                            <th scope="col">{say("releases.who")}</th>
                            <th scope="col">{say("audit.from")}</th>
                            <th scope="col">{say("audit.verb")}</th>
                            <th scope="col">{say("audit.subject")}</th>
                            <th scope="col">{say("audit.change")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {all.map((l) => (
                            <Row key={l.seq} l={l} />
                        ))}
                    </tbody>
                </table>
            </div>
            <Older of={list} />
        </>
    );
}

function Proven() {
    const [proof, set] = useState<Verified | null>(null);
    const [error, fail] = useState<ApiError>();
    const [busy, work] = useState(false);
    const press = async () => {
        if (busy) return;
        work(true);
        try {
            set((await get<Verified>("/audit/verify")).data);
            fail(undefined);
        } catch (e) {
            if (!(e instanceof ApiError)) throw e;
            fail(e);
        }
        work(false);
    };
    return (
        <section class="panel panel-pad stack" aria-label={say("audit.verify")}>
            <p class="sub">{say("audit.about")}</p>
            <div class="audit-proof" role="status">
                <button class="btn" aria-disabled={busy} onClick={() => void press()}>
                    {busy ? say("deed.busy") : say("audit.verify")}
                </button>
                {proof ? (
                    <span class={`mark ${proof.ok ? "ok" : "bad"}`}>
                        <Icon tone={proof.ok ? "ok" : "bad"} />
                        {proof.ok ? say("audit.whole", { n: proof.lines ?? 0 }) : (proof.why ?? "")}
                    </span>
                ) : null}
            </div>
            {error ? <Trouble error={error} /> : null}
            {proof?.head ? <Strip line={`rusuban audit verify --head ${proof.head}`} /> : null}
        </section>
    );
}

function Filter({ query }: { query: URLSearchParams }) {
    const [who, type_who] = useState(query.get("who") ?? "");
    const [verb, type_verb] = useState(query.get("verb") ?? "");
    const filter = (e: Event) => {
        e.preventDefault();
        const q = new URLSearchParams();
        if (who.trim()) q.set("who", who.trim());
        if (verb.trim()) q.set("verb", verb.trim());
        go(`/audit${q.size ? `?${q}` : ""}`);
    };
    return (
        <form class="rel-filter" onSubmit={filter}>
            <label class="field" for="audit-who">
                <span>{say("releases.who")}</span>
                <input
                    id="audit-who"
                    data-filter
                    value={who}
                    autoComplete="off"
                    onInput={(e) => type_who(e.currentTarget.value)}
                />
            </label>
            <label class="field" for="audit-verb">
                <span>{say("audit.verb")}</span>
                <input
                    id="audit-verb"
                    value={verb}
                    autoComplete="off"
                    onInput={(e) => type_verb(e.currentTarget.value)}
                />
            </label>
            <button class="btn">{say("releases.filter")}</button>
            {query.get("who") || query.get("verb") ? (
                <a class="btn quiet" href="/audit">
                    {say("releases.all")}
                </a>
            ) : null}
        </form>
    );
}

export default function AuditPage({ query }: PageProps) {
    const asked = new URLSearchParams();
    for (const name of ["who", "verb"]) if (query.get(name)) asked.set(name, query.get(name)!);
    const res = use_resource<List<Line>>(`/audit${asked.size ? `?${asked}` : ""}`);
    const refused = res.error.value?.code === "forbidden";
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("page.audit")}</h1>
                </div>
            </div>
            {refused ? null : (
                <>
                    <Proven />
                    <Filter key={asked.toString()} query={query} />
                </>
            )}
            <Panel key={`list ${asked}`} of={res} name={say("page.audit")} lines={10}>
                {(d) => <Rows first={d} query={asked} />}
            </Panel>
        </>
    );
}
