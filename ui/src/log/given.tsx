// given.tsx: a field in the run bar for everything that the question leaves open.
import { say } from "../words";
import { params_of, type Param } from "./params";
import type { Question } from "./question";

const days = ["today", "yesterday"];

function Field({ p, value, set }: { p: Param; value: string; set: (value: string) => void }) {
    const hint = p.type === "day" ? "2026-11-20" : p.optional ? say("log.optional") : "";
    return (
        <label class="log-given">
            <span class="mono">{p.name}</span>
            <input
                type={p.type === "time" ? "datetime-local" : "text"}
                inputMode={p.type === "number" ? "decimal" : undefined}
                list={p.type === "day" ? "log-days" : undefined}
                required={!p.optional}
                placeholder={hint}
                value={value}
                maxLength={1000}
                autoComplete="off"
                spellcheck={false}
                data-param={p.name}
                onInput={(e) => set(e.currentTarget.value)}
            />
        </label>
    );
}

export function Given({ q, set, run }: { q: Question; set: (q: Question) => void; run: () => void }) {
    const open = params_of(q.sql);
    if (!open.length) return null;
    return (
        <form
            class="log-params"
            aria-label={say("log.params")}
            onSubmit={(e) => {
                e.preventDefault();
                run();
            }}
            noValidate>
            {open.map((p) => (
                <Field
                    key={p.name}
                    p={p}
                    value={q.params[p.name] ?? ""}
                    set={(value) => set({ ...q, params: { ...q.params, [p.name]: value } })}
                />
            ))}
            <datalist id="log-days">
                {days.map((d) => (
                    <option value={d} />
                ))}
            </datalist>
            <button type="submit" hidden />
        </form>
    );
}

export function focus_param(name: string): void {
    document.querySelector<HTMLElement>(`[data-param="${CSS.escape(name)}"]`)?.focus();
}
