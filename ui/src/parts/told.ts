// told.ts: what a release is at or how it ended, in sentences: who saw it, what runs where now, and what to do next.
import type { Lock, ReleaseShown, Step } from "../shapes";
import { when } from "../time";
import { say, say_of } from "../words";
import type { Tone } from "./icon";
import { may_not } from "./decide";
import { stopped, tone_of_release } from "./state";

export interface Told {
    tone: Tone;
    title: string;
    said: string[]; // our sentences
    why: string; // what the server, git or a host said
}

function hosts_at(steps: Step[]): string[] {
    return [...new Set(steps.filter((s) => s.step === "switch" && s.host).map((s) => s.host!))];
}

// app1, app2 and 3 more: a sentence holds no list of forty hosts.
const named = 3;
function names(hosts: string[]): string {
    if (hosts.length <= named + 1) return hosts.join(", ");
    return say("told.names", { hosts: hosts.slice(0, named).join(", "), n: hosts.length - named });
}

function broke(r: ReleaseShown): string {
    const bad = r.steps.filter((s) => s.result && s.result !== "ok" && !s.step.startsWith("back"));
    const last = bad[bad.length - 1];
    if (!last || r.stopped || last.step === "judge") return "";
    const step = say_of("step", last.step);
    return last.host ? say("told.broke_on", { step, host: last.host }) : say("told.broke", { step });
}

// In the words of whoever went back, or stopped it.
function reason(r: ReleaseShown): string {
    return r.reason ? say("told.reason", { reason: r.reason }) : "";
}

// Who had it: nobody, the canary alone, or these.
function seen_by(r: ReleaseShown): string {
    const all = hosts_at(r.steps);
    if (!all.length) return r.base ? say("told.nobody_base", { base: r.base }) : say("told.nobody");
    const canary_only = r.kind === "release" && !r.steps.some((s) => s.state === "production");
    const hosts = names(all);
    if (r.state === "rolling_back")
        return canary_only ? say("told.canary_going", { hosts }) : say("told.hosts_going", { hosts });
    if (canary_only)
        return r.base ? say("told.canary_only", { hosts, base: r.base }) : say("told.canary_only_first", { hosts });
    return r.base ? say("told.hosts_back", { hosts, base: r.base }) : say("told.hosts_back_first", { hosts });
}

function decided(r: ReleaseShown): string {
    if (stopped(r) === "aborted") {
        const who = r.stopped_by ? say("told.aborted_by", { who: r.stopped_by }) : "";
        return [who, reason(r)].filter(Boolean).join(" ");
    }
    const last = r.approvals[r.approvals.length - 1];
    if (!last) return "";
    const p = { who: last.who, at: when(last.at) };
    const text = last.answer === "approve" ? say("told.approved", p) : say("told.rejected", p);
    return text + (last.note ? ` ${say("release.quoted", { subject: last.note })}` : "");
}

function title(r: ReleaseShown): string {
    const how = stopped(r);
    if (r.undone_by) return say("undone.state", { number: r.undone_by });
    if (r.state === "failed" && how) return say("told.aborted");
    if (r.state === "rolled_back" && how === "aborted") return say("told.aborted_back");
    if (r.state === "rolled_back" && how) return say("told.rejected_back");
    return say_of("told", r.state);
}

function next(r: ReleaseShown, locked: Lock | undefined): string {
    if (r.kind === "rollback" && r.state === "done" && locked)
        return say("told.locked", { service: r.service, who: locked.author });
    if ((r.state === "failed" || r.state === "rolled_back") && r.kind === "release" && !r.stopped)
        return say("told.mend");
    return "";
}

function sentences(r: ReleaseShown, locked: Lock | undefined): string[] {
    if (r.state === "failed" || r.state === "rolled_back" || r.state === "rolling_back")
        return [decided(r), broke(r), seen_by(r), next(r, locked)];
    if (r.state === "cancelled") return [say("told.cancelled_why")];
    if (r.state === "superseded") return [say("told.superseded_why")];
    if (r.state === "left") return [say("told.left_why")];
    if (r.state === "needs_human") return [broke(r), say("told.needs_why")];
    if (r.state === "done" && r.kind === "rollback")
        return [reason(r), say("told.runs", { number: r.target }), next(r, locked)];
    return r.kind === "rollback" ? [reason(r)] : [decided(r)];
}

// What to do, or who can.
function who_decides(r: ReleaseShown): string {
    return r.deciders && !r.deciders.you ? may_not(r.deciders, r.service) : say("told.asking_why");
}

// held: a hold on this release; locked: a lock on its service; canary: what its visitors got.
export function told_of(r: ReleaseShown, held: Lock | undefined, locked: Lock | undefined, canary: string): Told {
    if (held && !r.over && r.state !== "needs_human")
        return {
            tone: "warn",
            title: say("told.held", { who: held.author }),
            said: [say("told.held_why")],
            why: held.reason,
        };
    if (r.state === "asking")
        return {
            tone: "warn",
            title: say("told.asking"),
            said: [canary, who_decides(r)].filter(Boolean),
            why: r.verdict && r.verdict !== "not_worse" ? r.why : "",
        };
    if (r.state === "judging")
        return {
            tone: "run",
            title: say("told.judging"),
            said: [say("told.judging_why"), r.deciders?.you ? say("told.judging_you") : ""].filter(Boolean),
            why: r.why,
        };
    const quiet = r.state === "done" || stopped(r); // then the worker's sentence says nothing more
    return {
        tone: tone_of_release(r),
        title: title(r),
        said: sentences(r, locked).filter(Boolean),
        why: quiet ? "" : r.why,
    };
}
