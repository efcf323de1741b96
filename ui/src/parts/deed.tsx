// deed.tsx: the dialog in front of everything that changes something. It repeats what will happen, shows the same as
// a line for the command line, and keeps one key for as long as nobody knows whether it was done.
import { useRef, useState } from "preact/hooks";
import { ApiError, act, foreign, make_key } from "../api";
import { deed, filled, type Ask, type Deed, type Given } from "../deed";
import { everything } from "../live";
import { me } from "../state";
import { say } from "../words";
import { Dialog } from "./dialog";
import { LocksOf } from "./lock";
import { Trouble } from "./panel";
import { ProviderAgain } from "./provider";
import { Strip } from "./strip";

type Wrong = ApiError["told"]["details"][0];

function Field({ ask, value, set, wrong }: { ask: Ask; value: string; set: (v: string) => void; wrong?: Wrong }) {
    const id = `deed-${ask.name}`;
    if (ask.check)
        return (
            <label class="note">
                <input
                    type="checkbox"
                    checked={value === "yes"}
                    onChange={(e) => set(e.currentTarget.checked ? "yes" : "")}
                />{" "}
                {ask.label}
            </label>
        );
    const shared = {
        id,
        name: ask.name,
        value,
        required: ask.required,
        "aria-invalid": !!wrong,
        autoComplete: ask.secret ?? "off",
        onInput: (e: { currentTarget: { value: string } }) => set(e.currentTarget.value),
    };
    return (
        <label class="field" for={id}>
            <span>{ask.label}</span>
            {ask.options ? (
                <select {...shared}>
                    {ask.options.map(([v, word]) => (
                        <option value={v}>{word}</option>
                    ))}
                </select>
            ) : ask.long ? (
                <textarea {...shared} maxLength={500} />
            ) : ask.secret ? (
                <input {...shared} type="password" maxLength={200} />
            ) : ask.number ? (
                <input {...shared} type="number" {...ask.number} />
            ) : (
                <input {...shared} list={ask.choices ? `${id}-list` : undefined} maxLength={200} />
            )}
            {ask.choices ? (
                <datalist id={`${id}-list`}>
                    {ask.choices.map((c) => (
                        <option value={c} />
                    ))}
                </datalist>
            ) : null}
            {wrong ? (
                <span class="field-wrong" lang={foreign(wrong.lang)}>
                    {wrong.message}
                </span>
            ) : ask.hint ? (
                <small>{ask.hint}</small>
            ) : null}
        </label>
    );
}

function Password({ value, set, wrong }: { value: string; set: (v: string) => void; wrong?: ApiError }) {
    return (
        <label class="field" for="deed-password">
            <span>{say("deed.password")}</span>
            <input
                id="deed-password"
                type="password"
                value={value}
                autoComplete="current-password"
                required
                aria-invalid={!!wrong}
                onInput={(e) => set(e.currentTarget.value)}
            />
            {wrong ? (
                <span class="field-wrong" role="alert" lang={wrong.lang}>
                    {wrong.message}
                </span>
            ) : (
                <small>{say("deed.password_why")}</small>
            )}
        </label>
    );
}

function wrong_at(error: ApiError | undefined, name: string): Wrong | undefined {
    return error?.told.details.find((d) => d.place?.name === name);
}

function Form({ d }: { d: Deed }) {
    const [given, give] = useState<Given>(Object.fromEntries(d.asks.map((a) => [a.name, a.value ?? ""])));
    const [password, set_password] = useState("");
    const [error, fail] = useState<ApiError>();
    const [busy, set_busy] = useState(false);
    const key = useRef(make_key());
    const close = () => (deed.value = d.after ?? null);
    const [step_up, ask_again] = useState(false); // and until it is done: other fields may change meanwhile
    const by_password = typeof me.value === "string" || me.value.password;
    const at_password = step_up && by_password && (error?.code === "signed_out" || error?.code === "limit");

    const press = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        set_busy(true);
        try {
            if (step_up && by_password) await act("POST", "/step-up", { password });
            const answer = await act(d.method, d.path, d.body(given), key.current, d.match);
            close();
            everything();
            d.done(answer);
        } catch (x) {
            if (!(x instanceof ApiError)) throw x;
            if (!x.unsure) key.current = make_key();
            if (x.code === "step_up") ask_again(true);
            fail(x.code === "step_up" ? undefined : x);
            set_busy(false);
        }
    };
    const set = (name: string, v: string) => {
        if (error && !error.unsure) fail(undefined);
        give({ ...given, [name]: v });
    };
    return (
        <form class="over-in" onSubmit={press} noValidate={false}>
            <h2>{d.title}</h2>
            <p class="sub">{d.effect}</p>
            {d.locks ? <LocksOf service={d.locks(given)} from={filled(d, given)} /> : null}
            {d.asks.map((a) => (
                <Field
                    key={a.name}
                    ask={a}
                    value={given[a.name]}
                    set={(v) => set(a.name, v)}
                    wrong={wrong_at(error, a.name)}
                />
            ))}
            {step_up && !by_password ? (
                <ProviderAgain />
            ) : step_up ? (
                <Password value={password} set={set_password} wrong={at_password ? error : undefined} />
            ) : null}
            {error && !at_password ? <Trouble error={error} /> : null}
            {d.cli ? <Strip line={d.cli(given)} /> : null}
            <div class="over-acts">
                <button type="button" class="btn quiet" onClick={close}>
                    {say("deed.cancel")}
                </button>
                <button type="submit" class={`btn ${d.danger ? "danger" : "primary"}`} aria-disabled={busy}>
                    {busy ? say("deed.busy") : d.press}
                </button>
            </div>
        </form>
    );
}

export function DeedDialog() {
    const d = deed.value;
    if (!d) return null;
    return (
        <Dialog key={d.title} label={d.title} close={() => (deed.value = d.after ?? null)}>
            <Form d={d} />
        </Dialog>
    );
}
