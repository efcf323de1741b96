// strip.tsx: the tabs of the questions that are open: arrows go from one to the next, Delete closes.
import { say } from "../words";
import { close_draft, current, drafts, drafts_max, new_draft, open_draft, type Draft } from "./drafts";

const name_max = 28;

function name_of(d: Draft, names: Map<number, string>): string {
    const kept = d.saved === null ? undefined : names.get(d.saved);
    const text = d.q.sql.replace(/\s+/g, " ").trim();
    return kept ?? (text.length > name_max ? `${text.slice(0, name_max)}…` : text || say("log.new"));
}

function focus_current(): void {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".log-strip [aria-selected=true]")?.focus());
}

function on_key(e: KeyboardEvent): void {
    const all = drafts.value;
    const i = all.findIndex((d) => d.id === current.value);
    const to: Record<string, number> = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: all.length - 1 };
    if (e.key === "Delete") close_draft();
    else if (e.key in to) open_draft(all[(to[e.key] + all.length) % all.length].id);
    else return;
    e.preventDefault();
    focus_current();
}

export function Strip({ names }: { names: Map<number, string> }) {
    return (
        <div class="log-strip">
            <div role="tablist" aria-label={say("log.open")} onKeyDown={on_key}>
                {drafts.value.map((d) => {
                    const is = d.id === current.value;
                    return (
                        <button
                            key={d.id}
                            role="tab"
                            id={`tab-${d.id}`}
                            aria-selected={is}
                            aria-controls={is ? "log-panel" : undefined}
                            tabIndex={is ? 0 : -1}
                            title={d.q.sql.trim() || undefined}
                            onClick={() => (is ? undefined : open_draft(d.id))}>
                            {name_of(d, names)}
                        </button>
                    );
                })}
            </div>
            <button class="btn small quiet" aria-disabled={drafts.value.length >= drafts_max} onClick={new_draft}>
                {say("log.new_tab")}
            </button>
            {drafts.value.length > 1 ? (
                <button class="btn small quiet" onClick={close_draft}>
                    {say("log.close_tab")}
                </button>
            ) : null}
        </div>
    );
}
