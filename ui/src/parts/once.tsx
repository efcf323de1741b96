// once.tsx: what is shown once: the link of an invitation, a token.
import { useEffect } from "preact/hooks";
import { shown_once } from "../people";
import { say } from "../words";
import { Dialog } from "./dialog";
import { Strip } from "./strip";

export function Once() {
    const o = shown_once.value;
    useEffect(() => () => void (shown_once.value = null), []);
    if (!o) return null;
    const close = () => (shown_once.value = null);
    return (
        <Dialog label={o.title} close={close}>
            <div class="over-in once">
                <h2>{o.title}</h2>
                <p class="sub">{o.why}</p>
                <Strip line={o.text} />
                <div class="over-acts">
                    <button class="btn primary" onClick={close}>
                        {say("keys.close")}
                    </button>
                </div>
            </div>
        </Dialog>
    );
}
