// log-pages.tsx: every page of the site: how often it is asked for, how long it takes, how often it fails; first those
// that became worse than their own past.
import { useState } from "preact/hooks";
import { foreign } from "../foreign";
import { LogTabs } from "../log/tabs";
import { Icon } from "../parts/icon";
import { Empty, Panel } from "../parts/panel";
import { use_resource } from "../resource";
import type { PageProps } from "../router";
import type { Alarm, Pages } from "../shapes";
import { full_time, when } from "../time";
import { number, say, say_of } from "../words";

type PageSum = Pages["items"][number];
type Key = "page" | "requests" | "p50_ms" | "p95_ms" | "e4xx" | "e5xx";

const spans = ["1h", "6h", "1d", "7d"];
const usual_span = "1d";
const shown_most = 200;

export function ms(n: number | null): string {
    return n === null || n < 0 ? "–" : number(n);
}

// What is the matter, in a sentence.
export function worse_words(a: Alarm): string {
    if (a.rule === "errors")
        return say("worse.errors", { n: a.errors, of: a.requests, past: number(a.past_errors_percent, 2) });
    if (a.rule === "slow and new") return say("worse.fresh", { now: ms(a.p95_ms) });
    return say("worse.slow", { now: ms(a.p95_ms), past: ms(a.past_p95_ms) });
}

export function Worse({ list, ids }: { list: Alarm[]; ids: Map<string, number> }) {
    const sorted = [...list].sort((a, b) => Number(!!a.closed_at) - Number(!!b.closed_at) || b.id - a.id);
    return (
        <ul>
            {sorted.map((a) => (
                <li class="need" key={a.id}>
                    <Icon tone={a.closed_at ? "ok" : "warn"} />
                    <b>
                        {ids.has(a.page) ? (
                            <a href={`/log/page/${ids.get(a.page)}`}>{foreign(a.page)}</a>
                        ) : (
                            foreign(a.page)
                        )}
                    </b>
                    <p>
                        {worse_words(a)} {a.closed_at ? say("worse.over", { at: when(a.closed_at) }) : ""}{" "}
                        <time dateTime={a.began_at} title={full_time(a.began_at)}>
                            {say("worse.since", { at: when(a.began_at) })}
                        </time>{" "}
                        {a.release ? (
                            <>
                                {say("worse.before")}{" "}
                                <a href={`/releases/${encodeURIComponent(a.release.service)}/${a.release.number}`}>
                                    {a.release.service} {a.release.number}
                                </a>
                            </>
                        ) : null}
                    </p>
                </li>
            ))}
        </ul>
    );
}

function Table({ list, since }: { list: PageSum[]; since: string }) {
    const [by, sort] = useState<Key>("p95_ms");
    const [word, type] = useState("");
    const [all, show_all] = useState(false);
    const typed = word.trim().toLowerCase();
    const fitting = list
        .filter((p) => p.page.toLowerCase().includes(typed))
        .sort((a, b) => (by === "page" ? a.page.localeCompare(b.page) : (b[by] ?? -1) - (a[by] ?? -1)));
    const shown = all ? fitting : fitting.slice(0, shown_most);
    const head = (key: Key, text: string) => (
        <th
            scope="col"
            class={key === "page" ? "" : "right"}
            aria-sort={by === key ? (key === "page" ? "ascending" : "descending") : undefined}>
            <button class="sort" onClick={() => sort(key)}>
                {text}
            </button>
        </th>
    );
    return (
        <>
            <div class="panel-pad pages-filter">
                <input
                    class="log-filter"
                    data-filter
                    aria-label={say("pages.filter")}
                    placeholder={say("pages.filter")}
                    value={word}
                    autoComplete="off"
                    onInput={(e) => type(e.currentTarget.value)}
                />
                <span class="sub note">{say("pages.count", { n: fitting.length })}</span>
            </div>
            {shown.length ? (
                <table class="pages-table">
                    <thead>
                        <tr>
                            {head("page", say("pages.page"))}
                            {head("requests", say("pages.requests"))}
                            {head("p50_ms", say("pages.p50"))}
                            {head("p95_ms", say("pages.p95"))}
                            {head("e4xx", say("pages.e4xx"))}
                            {head("e5xx", say("pages.e5xx"))}
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map((p) => (
                            <tr key={p.id}>
                                <td class="wide mono" title={foreign(p.page)}>
                                    <a href={`/log/page/${p.id}`} data-row>
                                        {foreign(p.page)}
                                    </a>
                                </td>
                                <td class="right" data-label={say("pages.requests")}>
                                    {number(p.requests)}
                                </td>
                                <td class="right pages-less" data-label={say("pages.p50")}>
                                    {ms(p.p50_ms)}
                                </td>
                                <td class="right" data-label={say("pages.p95")}>
                                    {ms(p.p95_ms)}
                                </td>
                                <td class="right pages-less" data-label={say("pages.e4xx")}>
                                    {p.e4xx ? number(p.e4xx) : ""}
                                </td>
                                <td class={`right ${p.e5xx ? "bad" : ""}`} data-label={say("pages.e5xx")}>
                                    {p.e5xx ? number(p.e5xx) : ""}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            ) : list.length ? (
                <p class="panel-pad sub">{say("palette.none")}</p>
            ) : (
                <Empty line="rusuban log status">{say("pages.none", { since: say_of("back", since) })}</Empty>
            )}
            {shown.length < fitting.length ? (
                <div class="panel-pad">
                    <button class="btn" onClick={() => show_all(true)}>
                        {say("pages.all", { n: fitting.length })}
                    </button>
                </div>
            ) : null}
        </>
    );
}

export function Back({ now, spans: list, path }: { now: string; spans: string[]; path: (s: string) => string }) {
    return (
        <div class="tabs" role="group" aria-label={say("pages.since")}>
            {list.map((s) => (
                <a href={path(s)} aria-current={s === now ? "true" : undefined}>
                    {say_of("back", s)}
                </a>
            ))}
        </div>
    );
}

export default function LogPagesPage({ query }: PageProps) {
    const since = spans.find((s) => s === query.get("since")) ?? usual_span;
    const dataset = query.get("dataset");
    // As the shell names it ahead: nothing where all is as usual.
    const asked = new URLSearchParams({
        ...(since === usual_span ? {} : { since }),
        ...(dataset ? { dataset } : {}),
    });
    const res = use_resource<Pages>(`/log/pages${asked.size ? `?${asked}` : ""}`, ["alarm"]);
    const data = res.data.value;
    const open = data?.worse.filter((a) => !a.closed_at).length ?? 0;
    const ids = new Map(data?.items.map((p) => [p.page, p.id]) ?? []);
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("page.log_pages")}</h1>
                    <p aria-live="polite">
                        {data ? (open ? say("worse.open", { n: open }) : say("worse.none")) : ""}
                    </p>
                </div>
                <div class="page-acts">
                    <LogTabs />
                </div>
            </div>
            {data?.worse.length ? (
                <Panel of={res} title={say("worse.title")} lines={2}>
                    {(d) => <Worse list={d.worse} ids={ids} />}
                </Panel>
            ) : null}
            <Panel
                key={asked.toString()}
                of={res}
                title={say("pages.title")}
                lines={12}
                end={<Back now={since} spans={spans} path={(s) => `/log/pages?since=${s}`} />}>
                {(d) => <Table list={d.items} since={since} />}
            </Panel>
        </>
    );
}
