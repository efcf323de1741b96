// releases.tsx: what is live, what runs, what is locked and why, and every release so far, newest first.
import { useState } from "preact/hooks";
import { deed } from "../deed";
import { lock_deed, start_deed } from "../deeds";
import { foreign } from "../foreign";
import { use_more } from "../more";
import { services } from "../parts/house";
import { LockLine } from "../parts/lock";
import { Older } from "../parts/older";
import { Empty, Panel } from "../parts/panel";
import { State } from "../parts/state";
import { Stepper } from "../parts/stepper";
import { use_resource } from "../resource";
import { go, type PageProps } from "../router";
import type { List, Live, Lock, Release, Releases, ReleaseShown } from "../shapes";
import { may } from "../state";
import { full_time, took, when } from "../time";
import { say } from "../words";

function address(r: { service: string; number: number }): string {
    return `/releases/${encodeURIComponent(r.service)}/${r.number}`;
}

function Running({ r }: { r: Release }) {
    const res = use_resource<ReleaseShown>(address(r), [`release:${r.service}/${r.number}`]);
    const shown = res.data.value;
    return (
        <section aria-label={`${r.service} ${r.number}`}>
            <div class="panel-bar">
                <h2>
                    <a href={address(r)}>{say("release.name", { service: r.service, number: r.number })}</a>
                </h2>
                <State of={r} />
                <span class="sub note">{foreign(r.subject)}</span>
            </div>
            {shown ? <Stepper release={shown} /> : <div class="panel" style={{ height: "78px" }} />}
        </section>
    );
}

function back_words(r: Release): string {
    const to = say("release.back_to", { number: r.target });
    return r.reason ? `${to}: ${foreign(r.reason)}` : to;
}

function Row({ r }: { r: Release }) {
    return (
        <tr class="rel-row">
            <td>
                <a href={address(r)} data-row>
                    {r.service} {r.number}
                </a>
            </td>
            <td>
                <State of={r} />
            </td>
            <td class="wide" title={r.kind === "rollback" ? back_words(r) : foreign(r.subject)}>
                {r.kind === "rollback" ? back_words(r) : <bdi>{foreign(r.subject)}</bdi>}
                {r.rev ? (
                    <>
                        {" "}
                        <span class="mono rel-sub">{r.rev.slice(0, 7)}</span>
                    </>
                ) : null}
            </td>
            <td class="rel-who">{r.asked_by}</td>
            <td class="right rel-took">{r.took_ms === null ? "" : took(r.took_ms)}</td>
            <td class="right">
                <time dateTime={r.created_at} title={full_time(r.created_at)}>
                    {when(r.created_at)}
                </time>
            </td>
        </tr>
    );
}

function Rows({ first, query }: { first: List<Release>; query: URLSearchParams }) {
    const list = use_more(first, "/releases", query, address);
    const all = list.all;
    if (!all.length)
        return <Empty line={`rusuban release ${query.get("service") ?? "SERVICE"}`}>{say("releases.none")}</Empty>;
    return (
        <>
            <table class="rel-table">
                <thead>
                    <tr>
                        <th>{say("releases.release")}</th>
                        <th>{say("releases.state")}</th>
                        <th>{say("releases.what")}</th>
                        <th>{say("releases.who")}</th>
                        <th class="right">{say("releases.took")}</th>
                        <th class="right">{say("releases.when")}</th>
                    </tr>
                </thead>
                <tbody>
                    {all.map((r) => (
                        <Row key={address(r)} r={r} />
                    ))}
                </tbody>
            </table>
            <Older of={list} />
        </>
    );
}

function Locks({ list }: { list: List<Lock> }) {
    return (
        <ul>
            {list.items.map((l) => (
                <LockLine lock={l} />
            ))}
        </ul>
    );
}

// Which number visitors get of each service: of a roll back it is not its own.
function LiveOnes({ list }: { list: Live[] }) {
    return (
        <ul class="lives">
            {list.map((l) => (
                <li class="live-one">
                    <b>{l.service}</b>
                    {l.number === null ? (
                        <span class="dim">{say("live_now.none")}</span>
                    ) : (
                        <>
                            <a href={address({ service: l.service, number: l.release ?? l.number })}>
                                {say("live_now.number", { number: l.number })}
                            </a>
                            <small title={l.since ? full_time(l.since) : ""}>
                                {l.since ? say("live_now.since", { since: when(l.since) }) : ""}
                            </small>
                            <small class="live-what">
                                <bdi>{foreign(l.subject)}</bdi>
                            </small>
                        </>
                    )}
                </li>
            ))}
        </ul>
    );
}

function Filter({ query }: { query: URLSearchParams }) {
    const [service, type] = useState(query.get("service") ?? "");
    const filter = (to: string) => go(to ? `/releases?service=${encodeURIComponent(to)}` : "/releases");
    return (
        <form
            class="rel-filter"
            onSubmit={(e) => {
                e.preventDefault();
                filter(service.trim());
            }}>
            <label class="field" for="rel-service">
                <span>{say("ask.service")}</span>
                <input
                    id="rel-service"
                    data-filter
                    list="rel-services"
                    value={service}
                    autoComplete="off"
                    onInput={(e) => type(e.currentTarget.value)}
                />
            </label>
            <datalist id="rel-services">
                {services.value.map((s) => (
                    <option value={s} />
                ))}
            </datalist>
            <button class="btn">{say("releases.filter")}</button>
            {query.get("service") ? (
                <button
                    type="button"
                    class="btn quiet"
                    onClick={() => {
                        type("");
                        filter("");
                    }}>
                    {say("releases.all")}
                </button>
            ) : null}
        </form>
    );
}

export default function ReleasesPage({ query }: PageProps) {
    const asked = new URLSearchParams(query.get("service") ? { service: query.get("service")! } : {});
    const list = use_resource<Releases>(`/releases${asked.size ? `?${asked}` : ""}`, ["release"]);
    const locks = use_resource<List<Lock>>(`/locks${asked.size ? `?${asked}` : ""}`, ["lock", "release"]);
    const running = list.data.value?.items.filter((r) => !r.over && r.state !== "queued") ?? [];
    const chosen = query.get("service") ?? "";
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("page.releases")}</h1>
                    <p aria-live="polite">
                        {!list.data.value
                            ? ""
                            : running.length
                              ? say("releases.running", { n: running.length })
                              : say("releases.idle")}
                    </p>
                </div>
                {may("release_start", chosen) ? (
                    <div class="page-acts">
                        <button class="btn" onClick={() => (deed.value = lock_deed(services.value, chosen))}>
                            {say("lock.open")}
                        </button>
                        <button
                            class="btn primary"
                            onClick={() => (deed.value = start_deed(services.value, chosen))}>
                            {say("start.open")}
                        </button>
                    </div>
                ) : null}
            </div>
            {running.map((r) => (
                <Running key={address(r)} r={r} />
            ))}
            {list.data.value?.live.length ? (
                <section aria-label={say("live_now.title")}>
                    <div class="panel-bar">
                        <h2>{say("live_now.title")}</h2>
                    </div>
                    <div class="panel">
                        <LiveOnes list={list.data.value.live} />
                    </div>
                </section>
            ) : null}
            {locks.error.value || locks.data.value?.items.length ? (
                <Panel of={locks} title={say("releases.locks")} lines={2}>
                    {(l) => <Locks list={l} />}
                </Panel>
            ) : null}
            <Filter key={chosen} query={query} />
            <Panel key={`list ${chosen}`} of={list} name={say("page.releases")} lines={10}>
                {(l) => <Rows first={l} query={asked} />}
            </Panel>
        </>
    );
}
