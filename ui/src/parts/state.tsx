// state.tsx: the state of a release as shape, word and colour.
import { Mark, type Tone } from "./icon";
import { say_of } from "../words";

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

export function state_tone(state: string): Tone {
    return tones[state] ?? "run";
}

export function State({ state }: { state: string }) {
    return <Mark tone={state_tone(state)}>{say_of("state", state)}</Mark>;
}
