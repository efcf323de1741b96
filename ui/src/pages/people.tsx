// people.tsx: who may do what, in one table, and who is invited.
import { deed } from "../deed";
import { foreign } from "../foreign";
import { Once } from "../parts/once";
import { Panel } from "../parts/panel";
import { change_deed, invite_deed, remove_deed, type Person } from "../people";
import { use_resource } from "../resource";
import type { List } from "../shapes";
import { may, me } from "../state";
import { full_time, when } from "../time";
import { say, say_of } from "../words";

const roles = ["viewer", "analyst", "developer", "admin"];

function Seen({ p }: { p: Person }) {
    const at = p.invited ? p.until : p.seen;
    if (!at) return <span class="dim">{say("people.never")}</span>;
    return (
        <time dateTime={at} title={full_time(at)}>
            {p.invited ? say("people.until", { at: when(at) }) : when(at)}
        </time>
    );
}

function Row({ p, mine }: { p: Person; mine: boolean }) {
    return (
        <tr>
            <td class="people-name">
                {foreign(p.name)}
                {mine ? <span class="dim"> {say("people.you")}</span> : null}
            </td>
            <td class="people-role">{say_of("role", p.role)}</td>
            <td class="wide" title={p.services.join(", ")}>
                {p.services.length ? p.services.join(", ") : say("people.all_services")}
            </td>
            <td class="people-by" title={p.provider ?? undefined}>
                {p.invited
                    ? say("people.invited", { who: p.invited_by ?? "" })
                    : p.provider
                      ? say("people.provider", { host: new URL(p.provider).host })
                      : ""}
            </td>
            <td class="right">
                <Seen p={p} />
            </td>
            {may("admin") ? (
                <td class={`right ${mine ? "people-by" : "people-acts"}`}>
                    {mine ? null : (
                        <>
                            {p.invited ? null : (
                                <>
                                    <button class="btn small" onClick={() => (deed.value = change_deed(p))}>
                                        {say("people.change")}
                                    </button>{" "}
                                    <button class="btn small" onClick={() => (deed.value = invite_deed(p))}>
                                        {say("people.password")}
                                    </button>{" "}
                                </>
                            )}
                            <button class="btn small danger" onClick={() => (deed.value = remove_deed(p))}>
                                {say("people.remove")}
                            </button>
                        </>
                    )}
                </td>
            ) : null}
        </tr>
    );
}

export default function PeoplePage() {
    const res = use_resource<List<Person>>("/people", ["people"]);
    const who = me.value;
    const name = typeof who === "string" ? "" : who.name;
    const all = res.data.value?.items ?? [];
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("page.people")}</h1>
                    <p>{all.length ? say("people.count", { n: all.filter((p) => !p.invited).length }) : ""}</p>
                </div>
                {may("admin") ? (
                    <div class="page-acts">
                        <button class="btn primary" onClick={() => (deed.value = invite_deed())}>
                            {say("invited.open")}
                        </button>
                    </div>
                ) : null}
            </div>
            <Panel of={res} name={say("page.people")} lines={5}>
                {(d) => (
                    <div class="panel-scroll" role="region" aria-label={say("page.people")} tabIndex={0}>
                        <table class="people-table">
                            <thead>
                                <tr>
                                    <th scope="col">{say("sign.name")}</th>
                                    <th scope="col">{say("people.role")}</th>
                                    <th scope="col">{say("people.services")}</th>
                                    <th scope="col">{say("people.state")}</th>
                                    <th scope="col" class="right">
                                        {say("people.seen")}
                                    </th>
                                    {may("admin") ? (
                                        <th scope="col" class="right">
                                            {say("people.acts")}
                                        </th>
                                    ) : null}
                                </tr>
                            </thead>
                            <tbody>
                                {d.items.map((p) => (
                                    <Row
                                        key={`${p.name} ${p.invited}`}
                                        p={p}
                                        mine={p.name === name && !p.invited}
                                    />
                                ))}
                            </tbody>
                        </table>
                    </div>
                )}
            </Panel>
            <section aria-label={say("people.may")}>
                <div class="panel-bar">
                    <h2>{say("people.may")}</h2>
                </div>
                <dl class="panel panel-pad roles">
                    {roles.map((r) => (
                        <>
                            <dt>{say_of("role", r)}</dt>
                            <dd>{say_of("may", r)}</dd>
                        </>
                    ))}
                </dl>
            </section>
            <Once />
        </>
    );
}
