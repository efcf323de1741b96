// releases.tsx: what runs, what is locked and why, and every release so far, newest first.
import { useState } from "preact/hooks";
import { deed } from "../deed";
import { lift_deed, lock_deed, start_deed } from "../deeds";
import { foreign } from "../foreign";
import { use_more } from "../more";
import { services } from "../parts/house";
import { Icon } from "../parts/icon";
import { Empty, Panel, Trouble } from "../parts/panel";
import { State } from "../parts/state";
import { Stepper } from "../parts/stepper";
import { use_resource } from "../resource";
import { go, type PageProps } from "../router";
import type { List, Lock, Release, ReleaseShown } from "../shapes";
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
                <State state={r.state} />
                <span class="sub note">{foreign(r.subject)}</span>
            </div>
            {shown ? <Stepper release={shown} /> : <div class="panel" style={{ height: "78px" }} />}
        </section>
    );
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
                <State state={r.state} />
            </td>
            <td class="wide" title={foreign(r.subject)}>
                {r.kind === "rollback" ? say("release.back_to", { number: r.target }) : <bdi>{foreign(r.subject)}</bdi>}
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
    const { all, cursor, more, error } = use_more(first, "/releases", query, address);
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
            {error ? <Trouble error={error} again={() => void more()} /> : null}
            {cursor ? (
                <div class="panel-pad">
                    <button class="btn" onClick={() => void more()}>
                        {say("releases.older")}
                    </button>
                </div>
            ) : null}
        </>
    );
}

function Locks({ list }: { list: List<Lock> }) {
    return (
        <ul>
            {list.items.map((l) => (
                <li class="lock">
                    <Icon tone="warn" />
                    <b>
                        {l.release ? (
                            <a href={address({ service: l.service, number: l.release })}>
                                {say("release.name", { service: l.service, number: l.release })}
                            </a>
                        ) : (
                            l.service
                        )}
                    </b>
                    {!l.release && may("lock_set", l.service) ? (
                        <button class="btn small" onClick={() => (deed.value = lift_deed(l.service))}>
                            {say("lift.open")}
                        </button>
                    ) : null}
                    <p>
                        {say("lock.line", { reason: l.reason, who: l.author, since: when(l.since) })}
                        {l.until ? ` ${say("lock.until", { until: when(l.until) })}` : ""}
                    </p>
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
    const list = use_resource<List<Release>>(`/releases${asked.size ? `?${asked}` : ""}`, ["release"]);
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
