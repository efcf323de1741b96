// state.tsx: the state of a release as shape, word and colour.
import { Mark, type Tone } from "./icon";
import type { Release } from "../shapes";
import { say, say_of } from "../words";

const tones: Record<string, Tone> = {
    queued: "wait",
    asking: "info",
    needs_human: "bad",
    done: "ok",
    failed: "bad",
    rolled_back: "bad",
    cancelled: "wait",
    superseded: "wait",
    left: "warn",
    rolling_back: "warn",
};

// What a person stopped did not fail, though it went back like what did.
export function stopped(r: Release): Release["stopped"] {
    return ["failed", "rolled_back", "rolling_back"].includes(r.state) ? r.stopped : null;
}

export function tone_of_release(r: Release): Tone {
    return stopped(r) || r.undone_by ? "stop" : (tones[r.state] ?? "run");
}

export function State({ of: r }: { of: Release }) {
    const how = stopped(r);
    const word = how && r.over ? say_of("stopped", how) : say_of("state", r.state);
    if (r.undone_by) return <Mark tone="stop">{say("undone.state", { number: r.undone_by })}</Mark>;
    return <Mark tone={tone_of_release(r)}>{word}</Mark>;
}
