// invite.tsx: what an invitation leads to: choose a name and a password once; then sign in by itself.
import { useState } from "preact/hooks";
import type { Invite } from "../answers";
import { ApiError, act, forget_answers } from "../api";
import { House } from "../parts/icon";
import { Bones, Trouble } from "../parts/panel";
import { ProviderLink } from "../parts/provider";
import { use_resource } from "../resource";
import { go, type PageProps } from "../router";
import { me } from "../state";
import { say, say_of } from "../words";
import { Languages } from "./sign-in";

const password_min = 10;

function Form({ invite, path, token }: { invite: Invite; path: string; token: string }) {
    const [name, set_name] = useState(invite.name ?? "");
    const [password, set_password] = useState("");
    const [error, fail] = useState<ApiError>();
    const [busy, set_busy] = useState(false);
    const press = async (e: Event) => {
        e.preventDefault();
        if (busy) return;
        set_busy(true);
        try {
            await act("POST", path, invite.name ? { password } : { name, password });
            forget_answers();
            me.value = "unknown";
            go("/", "replace");
        } catch (x) {
            if (!(x instanceof ApiError)) throw x;
            fail(x);
            set_busy(false);
        }
    };
    return (
        <form class="sign" onSubmit={press}>
            <p class="sub">
                {invite.new_password
                    ? say("invite.again")
                    : say("invite.as", { role: say_of("role", invite.role) })}
            </p>
            <label class="field" for="sign-name">
                <span>{say("sign.name")}</span>
                <input
                    id="sign-name"
                    value={name}
                    readOnly={!!invite.name}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellcheck={false}
                    required
                    onInput={(e) => set_name(e.currentTarget.value)}
                />
            </label>
            <label class="field" for="sign-password">
                <span>{say("sign.password")}</span>
                <input
                    id="sign-password"
                    type="password"
                    value={password}
                    autoComplete="new-password"
                    minLength={password_min}
                    required
                    onInput={(e) => set_password(e.currentTarget.value)}
                />
                <small>{say("invite.password", { n: password_min })}</small>
            </label>
            <div role="alert">
                {error ? (
                    <p class="sign-wrong" lang={error.lang}>
                        {error.message}
                    </p>
                ) : null}
            </div>
            <button class="btn primary" aria-disabled={busy}>
                {say("invite.press")}
            </button>
            <ProviderLink query={`invite=${encodeURIComponent(token)}`} />
        </form>
    );
}

export default function InvitePage({ values }: PageProps) {
    const path = `/invites/${encodeURIComponent(values.token)}`;
    const res = use_resource<Invite>(path);
    const invite = res.data.value,
        error = res.error.value;
    return (
        <div class="sign">
            <div class="sign-brand">
                <House />
                Rusuban
            </div>
            <h1>{say("page.invite")}</h1>
            {invite ? (
                <Form invite={invite} path={path} token={values.token} />
            ) : error ? (
                <Trouble error={error} />
            ) : (
                <Bones lines={4} />
            )}
            <Languages />
        </div>
    );
}
