// stepper.tsx: where a release is: the states on its way, what is done with its time, what runs, what comes.
import type { ReleaseShown, Step } from "../shapes";
import { took } from "../time";
import { say, say_of } from "../words";
import { Icon, type Tone } from "./icon";
import { stopped } from "./state";

const way = ["building", "staging", "migrating", "canary", "judging", "asking", "production", "finishing"];
type Mood = "done" | "now" | "todo" | "stopped" | "ended" | "skipped"; // ended: by a person; nothing failed there

// Where it stands, or where it ended: the last state that did something.
function standing(r: ReleaseShown): string {
    if (way.includes(r.state)) return r.state;
    if (stopped(r) === "rejected") return "asking";
    const last = [...r.steps].reverse().find((s) => way.includes(s.state));
    return last?.state ?? (r.state === "queued" ? "" : "building");
}

function states_of(r: ReleaseShown): string[] {
    const did = new Set<string>(r.steps.map((s) => s.state));
    const at = way.indexOf(standing(r));
    return way.filter((s, i) => {
        if (did.has(s) || r.state === s) return true;
        if (s === "judging") return !r.over && i > at && r.judges;
        if (s === "asking") return r.approvals.length > 0 || (!r.over && i > at && r.kind === "release");
        if (r.kind === "rollback" && ["building", "staging", "migrating", "canary"].includes(s)) return false;
        return !r.over && i > at && s !== "migrating";
    });
}

function span_ms(steps: Step[]): number | null {
    const begun = steps.map((s) => Date.parse(s.begun_at ?? "")).filter(Number.isFinite);
    const done = steps.map((s) => Date.parse(s.done_at ?? "")).filter(Number.isFinite);
    return begun.length && done.length ? Math.max(...done) - Math.min(...begun) : null;
}

function note(r: ReleaseShown, state: string, mood: Mood): string {
    const mine = r.steps.filter((s) => s.state === state);
    const hosts = new Set(mine.map((s) => s.host).filter(Boolean));
    const ended = new Set(mine.filter((s) => s.step === "health" && s.done_at).map((s) => s.host));
    if (mood === "now" && state === "production" && hosts.size)
        return say("stepper.hosts_of", { n: ended.size, of: hosts.size });
    if (state === "asking")
        return mood === "ended"
            ? (r.stopped_by ?? "")
            : r.approvals.length
            ? r.approvals[r.approvals.length - 1].who
            : mood === "now"
              ? say("stepper.waits")
              : "";
    if (state === "judging" && mood === "now") return say("stepper.waits");
    if (state === "judging" && r.verdict) return say_of("judged", r.verdict);
    const ms = span_ms(mine);
    if (mood === "todo" || ms === null) return "";
    return hosts.size ? say("stepper.hosts_took", { n: hosts.size, took: took(ms) }) : took(ms);
}

const tones: Record<Mood, Tone> = { done: "ok", now: "run", todo: "wait", stopped: "bad", ended: "stop", skipped: "wait" };

export function Stepper({ release: r }: { release: ReleaseShown }) {
    const states = states_of(r),
        here = states.indexOf(standing(r));
    const good = r.state === "done";
    const mood = (i: number): Mood =>
        good || i < here
            ? "done"
            : i > here
              ? "todo"
              : stopped(r)
                ? "ended"
                : r.over || r.state === "needs_human" || r.state === "rolling_back"
                ? "stopped"
                : "now";
    return (
        <ol class="panel steps" aria-label={say("stepper.name")}>
            {states.map((s, i) => {
                const m = mood(i);
                return (
                    <li class={`step ${m}`} aria-current={m === "now" ? "step" : undefined}>
                        <Icon tone={m === "now" && s === "asking" ? "info" : tones[m]} />
                        <b>
                            {m === "ended" && s === "asking" ? say("stopped.rejected") : say_of("stage", s)}
                            <span class="unseen"> {say_of("mood", m)}</span>
                        </b>
                        <small>{note(r, s, m)}</small>
                    </li>
                );
            })}
        </ol>
    );
}
