// older.tsx: the end of a list that goes on: what failed at the last try, and the way to what is older.
import type { use_more } from "../more";
import { say } from "../words";
import { Trouble } from "./panel";

export function Older({ of }: { of: Pick<ReturnType<typeof use_more>, "cursor" | "more" | "error"> }) {
    const more = () => void of.more();
    return (
        <>
            {of.error ? <Trouble error={of.error} again={more} /> : null}
            {of.cursor ? (
                <div class="panel-pad">
                    <button class="btn" onClick={more}>
                        {say("releases.older")}
                    </button>
                </div>
            ) : null}
        </>
    );
}
