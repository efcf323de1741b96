// lock.tsx: a lock, or a hold of a release, wherever it is told: who, why, until when, and the way to lift it beside it.
import { deed, type Deed } from "../deed";
import { continue_deed, lift_deed } from "../deeds";
import { use_resource } from "../resource";
import type { List, Lock } from "../shapes";
import { may } from "../state";
import { when } from "../time";
import { say } from "../words";
import { Icon } from "./icon";

function Lift({ l, from }: { l: Lock; from?: Deed }) {
    const n = l.release;
    if (!may(n ? "release_stop" : "lock_set", l.service)) return null;
    return (
        <button
            type="button"
            class="btn small"
            onClick={() =>
                (deed.value = { ...(n ? continue_deed(l.service, n) : lift_deed(l.service)), after: from })
            }>
            {n ? say("do.continue.press") : say("lift.open")}
        </button>
    );
}

export function LockLine({ lock: l, from }: { lock: Lock; from?: Deed }) {
    return (
        <li class="lock">
            <Icon tone="warn" />
            <b>
                {l.release ? (
                    <a href={`/releases/${encodeURIComponent(l.service)}/${l.release}`}>
                        {say("release.name", { service: l.service, number: l.release })}
                    </a>
                ) : (
                    l.service
                )}
            </b>
            <Lift l={l} from={from} />
            <p>
                {say("lock.line", { reason: l.reason, who: l.author, since: when(l.since) })}
                {l.until ? ` ${say("lock.until", { until: when(l.until) })}` : ""}
            </p>
        </li>
    );
}

// In the dialog of a deed that a lock stands against: what is locked already is said before anybody presses. Who lifts it
// there comes back to the dialog as it was.
export function LocksOf({ service, from }: { service: string; from: Deed }) {
    const locks = use_resource<List<Lock>>("/locks", ["lock"]);
    const mine = locks.data.value?.items.filter((l) => l.service === service && !l.release) ?? [];
    if (!mine.length) return null;
    return (
        <div class="deed-locks">
            <p class="panel-pad">{say("lock.is", { service })}</p>
            <ul aria-label={say("releases.locks")}>
                {mine.map((l) => (
                    <LockLine lock={l} from={from} />
                ))}
            </ul>
        </div>
    );
}
