// log-page.tsx: one page of the site hour by hour, beside the same hours of the days before, with the releases in between.
import { useMemo } from "preact/hooks";
import { foreign } from "../foreign";
import type { Drawing } from "../log/drawing";
import { to_wall_s } from "../log/drawing";
import { hash_of, nothing } from "../log/question";
import { LogTabs } from "../log/tabs";
import { AsTable } from "../parts/as-table";
import { Chart, type Marked } from "../parts/chart";
import { Bones, Panel, Trouble } from "../parts/panel";
import { use_resource } from "../resource";
import type { PageProps } from "../router";
import type { Marker, PageHour, PageShown } from "../shapes";
import { timezone } from "../state";
import { full_time, when } from "../time";
import { number, say } from "../words";
import { Back, ms, Worse } from "./log-pages";

const spans = ["12h", "2d", "7d"];
const usual_span = "2d";

function known(n: number | null | undefined): number | null {
    return n === null || n === undefined || n < 0 ? null : n;
}

function times_of(p: PageShown): number[] {
    return p.hours.map((h) => to_wall_s(h.at, timezone.value));
}

function slowness(p: PageShown): Drawing {
    return {
        times: times_of(p),
        bars: false,
        lines: [
            { name: say("page_of.now"), values: p.hours.map((h) => known(h.p95_ms)) },
            {
                name: say("page_of.past"),
                values: p.hours.map((h) => known(h.past?.p95_ms)),
                dashed: true,
                tone: "series-5",
            },
        ],
    };
}

function traffic(p: PageShown): Drawing {
    return {
        times: times_of(p),
        bars: true,
        lines: [
            { name: say("page_of.fine"), values: p.hours.map((h) => h.requests - h.e4xx - h.e5xx) },
            { name: say("pages.e4xx"), values: p.hours.map((h) => h.e4xx) },
            { name: say("pages.e5xx"), values: p.hours.map((h) => h.e5xx), tone: "series-6" },
        ],
    };
}

function marks_of(p: PageShown): Marked[] {
    return p.releases.map((m) => ({
        at: to_wall_s(m.at, timezone.value),
        text:
            m.kind === "rollback"
                ? say("mark.back", { service: m.service, number: m.target })
                : say("mark.out", { service: m.service, number: m.number }),
    }));
}

// The question behind this page, to be changed and asked again.
function question_of(p: PageShown): string {
    const table = p.dataset.endsWith("_bad") ? p.dataset : `${p.dataset}_log`;
    const page = p.page.replaceAll("'", "''");
    const sql = `select time, status, reqtime, uri\nfrom ${table}\nwhere page = '${page}'\norder by reqtime desc\nlimit 200`;
    return hash_of({ ...nothing, sql });
}

function Releases({ list }: { list: Marker[] }) {
    return (
        <ul class="feed">
            {[...list].reverse().map((m) => (
                <li>
                    <time dateTime={m.at} title={full_time(m.at)}>
                        {when(m.at)}
                    </time>
                    <span />
                    <p>
                        <a href={`/releases/${encodeURIComponent(m.service)}/${m.number}`}>
                            {m.service} {m.number}
                        </a>{" "}
                        {m.kind === "rollback" ? say("release.back_to", { number: m.target }) : ""}
                    </p>
                </li>
            ))}
        </ul>
    );
}

function Hours({ list }: { list: PageHour[] }) {
    return (
        <AsTable
            head={[
                say("releases.when"),
                say("pages.requests"),
                say("page_of.now"),
                say("page_of.past"),
                say("pages.e4xx"),
                say("pages.e5xx"),
            ]}
            rows={[...list]
                .reverse()
                .map((h) => [
                    when(h.at),
                    number(h.requests),
                    ms(h.p95_ms),
                    ms(h.past?.p95_ms ?? null),
                    number(h.e4xx),
                    number(h.e5xx),
                ])}
        />
    );
}

function Charts({ p }: { p: PageShown }) {
    const slow = useMemo(() => slowness(p), [p, timezone.value, say("page_of.now")]);
    const busy = useMemo(() => traffic(p), [p, timezone.value, say("page_of.now")]);
    const marks = useMemo(() => marks_of(p), [p, timezone.value, say("page_of.now")]);
    const sum = p.hours.reduce((n, h) => n + h.requests, 0);
    return (
        <>
            <section aria-label={say("page_of.slowness")}>
                <div class="panel-bar">
                    <h2>{say("page_of.slowness")}</h2>
                </div>
                <div class="panel">
                    <Chart
                        of={slow}
                        marks={marks}
                        unit="ms"
                        label={say("page_of.slowness_label", { page: p.page })}
                    />
                </div>
            </section>
            <section aria-label={say("page_of.traffic")}>
                <div class="panel-bar">
                    <h2>{say("page_of.traffic")}</h2>
                    <span class="sub note">{say("page_of.sum", { n: sum })}</span>
                </div>
                <div class="panel">
                    <Chart of={busy} marks={marks} label={say("page_of.traffic_label", { page: p.page })} />
                </div>
            </section>
        </>
    );
}

export default function LogPagePage({ values, query }: PageProps) {
    const back = spans.find((s) => s === query.get("back")) ?? usual_span;
    const id = encodeURIComponent(values.id);
    const res = use_resource<PageShown>(`/log/page/${id}${back === usual_span ? "" : `?back=${back}`}`, [
        "alarm",
        "release",
    ]);
    const p = res.data.value;
    if (!p)
        return (
            <>
                <div class="page-head">
                    <h1>{say("page.log_page")}</h1>
                </div>
                <div class="panel">
                    {res.error.value ? (
                        <Trouble error={res.error.value} again={() => void res.refresh()} />
                    ) : (
                        <Bones lines={8} />
                    )}
                </div>
            </>
        );
    return (
        <>
            <div class="page-head">
                <div>
                    <h1 class="mono">{foreign(p.page)}</h1>
                    <p>
                        <a href={`/log${question_of(p)}`}>{say("page_of.ask")}</a>
                    </p>
                </div>
                <div class="page-acts">
                    <LogTabs />
                </div>
            </div>
            {p.worse.length ? (
                <Panel of={res} title={say("worse.title")} lines={2}>
                    {(d) => <Worse list={d.worse} ids={new Map()} />}
                </Panel>
            ) : null}
            <Back now={back} spans={spans} path={(s) => `/log/page/${id}?back=${s}`} />
            <Charts key={back} p={p} />
            {p.releases.length ? (
                <Panel of={res} title={say("page_of.releases")} lines={3}>
                    {(d) => <Releases list={d.releases} />}
                </Panel>
            ) : null}
            <Hours list={p.hours} />
        </>
    );
}
