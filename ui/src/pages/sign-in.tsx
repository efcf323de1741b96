// sign-in.tsx: name and password; until there is an account, the line that makes the first one.
import { useEffect, useState } from "preact/hooks";
import { ApiError, act, forget_answers } from "../api";
import { House } from "../parts/icon";
import { ProviderLink } from "../parts/provider";
import { Strip } from "../parts/strip";
import { go, type PageProps } from "../router";
import { me, no_account } from "../state";
import { choose_language, language, languages, say, type Language } from "../words";

// Only a place of our own: an address that somebody else chose leads nowhere else.
export function own_place(to: string | null): string {
    try {
        const url = new URL(to ?? "/", location.origin);
        return url.origin === location.origin && !url.pathname.startsWith("/sign-in")
            ? url.pathname + url.search + url.hash
            : "/";
    } catch {
        return "/";
    }
}

export function Languages() {
    const other: Language = language.value === "ja" ? "en" : "ja";
    return (
        <button type="button" class="btn quiet" lang={other} onClick={() => void choose_language(other)}>
            {languages[other]}
        </button>
    );
}

export default function SignInPage({ query }: PageProps) {
    const [name, set_name] = useState("");
    const [password, set_password] = useState("");
    const [error, fail] = useState<ApiError>();
    const [busy, set_busy] = useState(false);
    const to = own_place(query.get("to"));
    const known = typeof me.value !== "string";
    useEffect(() => {
        if (known) go(to, "replace");
    }, [known]);
    const press = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        set_busy(true);
        try {
            await act("POST", "/session", { name, password });
            forget_answers();
            me.value = "unknown";
            go(to, "replace");
        } catch (x) {
            if (!(x instanceof ApiError)) throw x;
            fail(x);
            set_busy(false);
        }
    };
    return (
        <form class="sign" onSubmit={press}>
            <div class="sign-brand">
                <House />
                Rusuban
            </div>
            <h1>{say("page.sign_in")}</h1>
            <label class="field" for="sign-name">
                <span>{say("sign.name")}</span>
                <input
                    id="sign-name"
                    value={name}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellcheck={false}
                    required
                    autoFocus
                    onInput={(e) => set_name(e.currentTarget.value)}
                />
            </label>
            <label class="field" for="sign-password">
                <span>{say("sign.password")}</span>
                <input
                    id="sign-password"
                    type="password"
                    value={password}
                    autoComplete="current-password"
                    required
                    onInput={(e) => set_password(e.currentTarget.value)}
                />
            </label>
            <div role="alert">
                {error ? (
                    <p class="sign-wrong" lang={error.lang}>
                        {error.message}
                        {error.told.retry_after_s ? ` ${say("sign.wait", { n: error.told.retry_after_s })}` : ""}
                    </p>
                ) : null}
                {error?.told.hint?.startsWith("rusuban ") ? <Strip line={error.told.hint} /> : null}
            </div>
            <button class="btn primary" aria-disabled={busy}>
                {say("sign.press")}
            </button>
            <ProviderLink query={`to=${encodeURIComponent(to)}`} />
            {no_account.value ? (
                <>
                    <p class="note">{say("sign.first")}</p>
                    <Strip line="rusuban admin invite" />
                </>
            ) : null}
            <Languages />
        </form>
    );
}
