// keyhelp.tsx: what the keys do.
import { signal } from "@preact/signals";
import { pages } from "../router";
import { may } from "../state";
import { say } from "../words";
import { Dialog } from "./dialog";

export const help_open = signal(false);

export function KeyHelp() {
    const close = () => (help_open.value = false);
    const rows: [string[], string][] = [
        [["Ctrl", "K"], say("keys.palette")],
        ...pages
            .filter((p) => p.go && (!p.right || may(p.right)))
            .map((p): [string[], string] => [["g", p.go!], say("keys.go", { page: say(p.title) })]),
        [["/"], say("keys.filter")],
        [["j", "k"], say("keys.rows")],
        [["Enter"], say("keys.open")],
        [["c"], say("keys.copy")],
        [["?"], say("keys.help")],
    ];
    return (
        <Dialog label={say("keys.title")} close={close}>
            <div class="over-in">
                <h2>{say("keys.title")}</h2>
                <dl class="keys">
                    {rows.map(([keys, text]) => (
                        <>
                            <dt>
                                {keys.map((k) => (
                                    <>
                                        <kbd>{k}</kbd>{" "}
                                    </>
                                ))}
                            </dt>
                            <dd>{text}</dd>
                        </>
                    ))}
                </dl>
                <div class="over-acts">
                    <button class="btn" onClick={close}>
                        {say("keys.close")}
                    </button>
                </div>
            </div>
        </Dialog>
    );
}
