// hosts.tsx: every host of a release, by zone: what it does now, or what it has done and how long that took.
import type { ReleaseShown, ServiceHost, Step } from "../shapes";
import { took } from "../time";
import { say, say_of } from "../words";
import { Icon, type Tone } from "./icon";

function tile(host: ServiceHost, r: ReleaseShown): { tone: Tone; note: string } {
    const mine = r.steps.filter((s) => s.host === host.host);
    const last = mine[mine.length - 1] as Step | undefined;
    if (host.out_by) return { tone: "warn", note: say("hosts.out") };
    if (
        host.current === r.target ||
        (r.over && r.state === "done" && last?.step === "health" && last.result === "ok")
    ) {
        const ms = mine
            .filter((s) => ["switch", "restart", "health"].includes(s.step))
            .reduce((sum, s) => sum + (s.took_ms ?? 0), 0);
        if (last && !last.done_at) return { tone: "run", note: say_of("step", last.step) };
        return { tone: "ok", note: ms ? took(ms) : say("hosts.has", { number: host.current ?? r.target }) };
    }
    if (last && !last.done_at) return { tone: "run", note: say_of("step", last.step) };
    if (last?.result && last.result !== "ok" && !r.over) return { tone: "bad", note: say_of("step", last.step) };
    if (host.error) return { tone: "bad", note: say("hosts.silent") };
    if (host.current !== null && host.current > 0)
        return { tone: r.over ? "ok" : "wait", note: say("hosts.has", { number: host.current }) };
    return { tone: "wait", note: r.over ? say("hosts.nothing") : say("hosts.next") };
}

export function Hosts({ hosts, release }: { hosts: ServiceHost[]; release: ReleaseShown }) {
    const zones = [...new Set(hosts.map((h) => h.zone ?? ""))].sort();
    return (
        <div class="panel-pad stack">
            {zones.map((z) => (
                <div>
                    {z ? <h3 class="sub note">{say("zone.name", { zone: z })}</h3> : null}
                    <ul class="hosts">
                        {hosts
                            .filter((h) => (h.zone ?? "") === z)
                            .map((h) => {
                                const t = tile(h, release);
                                return (
                                    <li class={`host ${t.tone}`} title={h.error ?? h.out_reason ?? undefined}>
                                        <b>
                                            <Icon tone={t.tone} />
                                            <span>{h.host}</span>
                                        </b>
                                        <small>{t.note}</small>
                                    </li>
                                );
                            })}
                    </ul>
                </div>
            ))}
        </div>
    );
}
