// release.tsx: one release: where it is, what it waits for and who decides, every host, what it printed, what is in it.
import { deed } from "../deed";
import { buttons_of, lift_deed, type Button } from "../deeds";
import { foreign } from "../foreign";
import { Canary, CanaryChart, has_chart, traffic_told, use_traffic } from "../parts/canary";
import { Commits, Compare, CompareLink, use_changes } from "../parts/changes";
import { Hosts } from "../parts/hosts";
import { Icon } from "../parts/icon";
import { OutputPanel, printed } from "../parts/output";
import { Panel, Bones, Trouble } from "../parts/panel";
import { Stepper } from "../parts/stepper";
import { copy, Strip } from "../parts/strip";
import { told_of } from "../parts/told";
import { use_resource, type Resource } from "../resource";
import type { PageProps } from "../router";
import type { Changes, List, Lock, ReleaseShown, ServiceHosts, Traffic } from "../shapes";
import { may } from "../state";
import { full_time, size, took, when } from "../time";
import { number, say } from "../words";

function Who({ r }: { r: ReleaseShown }) {
    const at = (
        <time dateTime={r.created_at} title={full_time(r.created_at)}>
            {when(r.created_at)}
        </time>
    );
    if (r.kind === "rollback")
        return (
            <p>
                {say("release.rolled", { who: r.asked_by, number: r.target })} {at}
            </p>
        );
    return (
        <p>
            {say("release.asked", { who: r.asked_by })}{" "}
            {r.rev ? <code class="mono">{r.rev.slice(0, 7)}</code> : null}{" "}
            <bdi>{r.subject ? say("release.quoted", { subject: r.subject }) : null}</bdi>{" "}
            {r.branch ? say("release.branch", { branch: r.branch }) : null} {at}
            {r.commits ? ` ${say("release.commits", { n: r.commits, base: r.base })}` : null}
        </p>
    );
}

function Buttons({ list }: { list: Button[] }) {
    return (
        <>
            {list.map((b) => (
                <button
                    key={b.name}
                    class={`btn ${b.primary ? "primary" : b.danger ? "danger" : ""}`}
                    onClick={b.press}>
                    {b.text}
                </button>
            ))}
        </>
    );
}

// A roll back leaves a lock behind: the next step is to lift it once all is mended.
function lifts(r: ReleaseShown, locked: Lock | undefined): Button[] {
    if (!locked || r.kind !== "rollback" || r.state !== "done" || !may("lock_set", r.service)) return [];
    const d = lift_deed(r.service);
    return [{ name: "lift", primary: false, danger: false, text: d.press, press: () => (deed.value = d) }];
}

interface ToldProps {
    r: ReleaseShown;
    held: Lock | undefined;
    locked: Lock | undefined;
    canary: string;
    buttons: Button[];
}

function Told({ r, held, locked, canary, buttons }: ToldProps) {
    const t = told_of(r, held, locked, canary);
    const kind = t.tone === "ok" || t.tone === "bad" || t.tone === "warn" ? t.tone : "";
    return (
        <section class={`panel ask ${kind}`} aria-label={say("told.name")}>
            <Icon tone={t.tone} />
            <h2 aria-live="polite">{t.title}</h2>
            {t.said.length ? <p>{t.said.join(" ")}</p> : null}
            {t.why ? <p class="ask-why">{t.why}</p> : null}
            {buttons.length ? (
                <div class="ask-acts">
                    <Buttons list={buttons} />
                </div>
            ) : null}
        </section>
    );
}

function InThis({ r, changes, query }: { r: ReleaseShown; changes: Changes | undefined; query: URLSearchParams }) {
    return (
        <section aria-label={say("facts.title")}>
            <div class="panel-bar">
                <h2>{say("facts.title")}</h2>
                <CompareLink release={r} query={query} />
            </div>
            <div class="panel">
                {changes?.known ? <Commits of={changes} /> : null}
                {r.kind === "release" && r.started_at && !r.base ? (
                    <p class="commits-more sub">{say("changes.first", { service: r.service })}</p>
                ) : null}
                <Facts r={r} />
            </div>
        </section>
    );
}

function Facts({ r }: { r: ReleaseShown }) {
    const rows: [string, string][] = [];
    const fact = (name: string, value: string | null | undefined) => value && rows.push([name, value]);
    fact(say("facts.rev"), r.rev?.slice(0, 12));
    fact(say("facts.author"), r.author);
    if (r.files)
        fact(say("facts.files"), say("facts.files_of", { n: number(r.files_changed), of: number(r.files) }));
    if (r.size_bytes) fact(say("facts.size"), size(r.size_bytes));
    fact(say("facts.warnings"), r.warnings);
    fact(say("facts.override"), r.override);
    fact(say("facts.via"), r.via);
    fact(say("facts.started"), r.started_at && when(r.started_at));
    fact(say("facts.ended"), r.ended_at && when(r.ended_at));
    if (r.took_ms !== null) fact(say("facts.took"), took(r.took_ms));
    return (
        <div class="panel-pad stack">
            <dl class="facts">
                {rows.map(([k, v]) => (
                    <>
                        <dt>{k}</dt>
                        <dd>{foreign(v)}</dd>
                    </>
                ))}
            </dl>
            <Strip line={`rusuban release ${r.over ? "show" : "watch"} ${r.service} ${r.number}`} />
        </div>
    );
}

function Where({ of, r }: { of: Resource<ServiceHosts>; r: ReleaseShown }) {
    const on = (all: ServiceHosts) => all.hosts.filter((h) => h.current === r.target).length;
    const count = (all: ServiceHosts) => say("hosts.count", { n: on(all), of: all.hosts.length, number: r.target });
    return (
        <Panel
            of={of}
            title={say("hosts.title")}
            lines={4}
            end={of.data.value ? <span class="sub note">{count(of.data.value)}</span> : null}>
            {(h) => <Hosts hosts={h.hosts} release={r} />}
        </Panel>
    );
}

// A roll back prints nothing, and mostly has no canary: what there is stands side by side then.
function is_bare(r: ReleaseShown, t: Traffic | undefined): boolean {
    return r.kind === "rollback" && !printed(r).length && !has_chart(t);
}

export default function ReleasePage({ values, query }: PageProps) {
    const { service, number: n } = values;
    const path = `/releases/${encodeURIComponent(service)}/${encodeURIComponent(n)}`;
    const res = use_resource<ReleaseShown>(path, [`release:${service}/${n}`, "lock"]);
    const locks = use_resource<List<Lock>>(`/locks?service=${encodeURIComponent(service)}`, ["lock"]);
    const hosts = use_resource<ServiceHosts>(`/services/${encodeURIComponent(service)}/hosts`, [
        "host",
        `release:${service}/${n}`,
    ]);
    const changes = use_changes(service, n).data.value;
    const r = res.data.value;
    const traffic = use_traffic(service, n, r);
    if (!r)
        return (
            <>
                <div class="page-head">
                    <h1>{say("release.title", { service, number: n })}</h1>
                </div>
                <div class="panel">
                    {res.error.value ? (
                        <Trouble error={res.error.value} again={() => void res.refresh()} />
                    ) : (
                        <Bones lines={6} />
                    )}
                </div>
            </>
        );
    const held = locks.data.value?.items.find((l) => l.release === r.number);
    const canary = traffic_told(traffic.data.value);
    const all = buttons_of(r, !!held, canary);
    const locked = locks.data.value?.items.find((l) => l.release === null);
    const decides = all.filter((b) => ["approve", "reject", "continue", "leave", "back"].includes(b.name));
    const where = <Where of={hosts} r={r} />;
    const what = <InThis r={r} changes={changes} query={query} />;
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("release.title", { service: r.service, number: r.number })}</h1>
                    <Who r={r} />
                </div>
                <div class="page-acts">
                    <button class="btn quiet" onClick={() => void copy(location.href)}>
                        {say("copy.link")}
                    </button>
                    <Buttons list={all.filter((b) => !decides.includes(b))} />
                </div>
            </div>
            {res.error.value ? (
                <div class="panel">
                    <Trouble error={res.error.value} again={() => void res.refresh()} />
                </div>
            ) : null}
            <Stepper release={r} />
            <Told r={r} held={held} locked={locked} canary={canary} buttons={[...decides, ...lifts(r, locked)]} />
            <Canary of={traffic} release={r} />
            {query.has("compare") ? <Compare release={r} changes={changes} query={query} /> : null}
            {is_bare(r, traffic.data.value) ? (
                <div class="two">
                    {where}
                    {what}
                </div>
            ) : (
                <div class="two">
                    <div class="home-col">
                        <CanaryChart of={traffic} release={r} />
                        <OutputPanel release={r} query={query} />
                    </div>
                    <div class="home-col">
                        {where}
                        {what}
                    </div>
                </div>
            )}
        </>
    );
}
