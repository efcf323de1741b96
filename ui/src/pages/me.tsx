// me.tsx: how somebody likes the pages, their password, where they are signed in, and tokens for their scripts.
import { deed } from "../deed";
import { like_keys, like_language, like_theme } from "../liking";
import { theme_word } from "../parts/menu";
import { Once } from "../parts/once";
import { Empty, Panel } from "../parts/panel";
import { end_session_deed, end_token_deed, password_deed, token_deed, type Session, type Token } from "../people";
import { use_resource } from "../resource";
import type { List } from "../shapes";
import { me } from "../state";
import { theme, type Theme } from "../theme";
import { full_time, when } from "../time";
import { language, languages, say, say_of, type Language } from "../words";

const browsers: [RegExp, string][] = [
    [/Edg\/(\d+)/, "Edge"],
    [/Firefox\/(\d+)/, "Firefox"],
    [/Chrome\/(\d+)/, "Chrome"],
    [/Version\/(\d+).*Safari/, "Safari"],
];
const systems: [RegExp, string][] = [
    [/Android/, "Android"],
    [/iPhone|iPad/, "iOS"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"],
    [/Linux/, "Linux"],
];

// "Chrome 156, Linux"; what says nothing that we know stays as it is.
export function agent_words(agent: string): string {
    const browser = browsers.find(([like]) => like.test(agent));
    const system = systems.find(([like]) => like.test(agent));
    if (!browser) return agent || say("me.no_agent");
    return [`${browser[1]} ${browser[0].exec(agent)![1]}`, system?.[1]].filter(Boolean).join(", ");
}

function At({ at }: { at: string | null }) {
    if (!at) return <span class="dim">{say("people.never")}</span>;
    return (
        <time dateTime={at} title={full_time(at)}>
            {when(at)}
        </time>
    );
}

function Likings() {
    const who = me.value;
    const themes: Theme[] = ["light", "dark", "auto"];
    return (
        <section aria-label={say("me.likings")}>
            <div class="panel-bar">
                <h2>{say("me.likings")}</h2>
            </div>
            <div class="panel panel-pad me-likings">
                <label class="field" for="me-theme">
                    <span>{say("me.theme")}</span>
                    <select
                        id="me-theme"
                        value={theme.value}
                        onChange={(e) => like_theme(e.currentTarget.value as Theme)}>
                        {themes.map((t) => (
                            <option value={t}>{theme_word(t)}</option>
                        ))}
                    </select>
                </label>
                <label class="field" for="me-language">
                    <span>{say("me.language")}</span>
                    <select
                        id="me-language"
                        value={language.value}
                        onChange={(e) => void like_language(e.currentTarget.value as Language)}>
                        {(Object.keys(languages) as Language[]).map((l) => (
                            <option value={l} lang={l}>
                                {languages[l]}
                            </option>
                        ))}
                    </select>
                </label>
                {typeof who === "string" ? null : (
                    <label class="me-keys">
                        <input
                            type="checkbox"
                            checked={who.single_keys}
                            onChange={(e) => like_keys(e.currentTarget.checked)}
                        />{" "}
                        {say("me.keys")}
                    </label>
                )}
            </div>
        </section>
    );
}

function Sessions({ list }: { list: Session[] }) {
    if (!list.length) return <Empty>{say("me.no_sessions")}</Empty>;
    return (
        <ul class="rows">
            {list.map((s) => (
                <li key={s.id}>
                    <div>
                        <b title={s.agent}>{agent_words(s.agent)}</b>
                        <p>
                            {s.from}, {say("me.seen")} <At at={s.seen} />
                        </p>
                    </div>
                    {s.this ? (
                        <span class="dim note">{say("me.this")}</span>
                    ) : (
                        <button
                            class="btn small"
                            onClick={() => (deed.value = end_session_deed(s, agent_words(s.agent)))}>
                            {say("me.end")}
                        </button>
                    )}
                </li>
            ))}
        </ul>
    );
}

function Tokens({ list }: { list: Token[] }) {
    if (!list.length) return <Empty line="rusuban token make NAME">{say("token.none")}</Empty>;
    return (
        <ul class="rows">
            {list.map((t) => (
                <li key={t.id}>
                    <div>
                        <b>{t.name}</b>
                        <p>
                            {say("token.line", {
                                role: say_of("role", t.role),
                                services: t.services.length ? t.services.join(", ") : say("people.all_services"),
                                owner: t.owner,
                            })}{" "}
                            {t.over ? say("token.over") : say("token.until")} <At at={t.expires} />,{" "}
                            {say("token.used")} <At at={t.seen} />
                        </p>
                    </div>
                    <button class="btn small danger" onClick={() => (deed.value = end_token_deed(t))}>
                        {say("token.end")}
                    </button>
                </li>
            ))}
        </ul>
    );
}

export default function MePage() {
    const sessions = use_resource<List<Session>>("/sessions");
    const tokens = use_resource<List<Token>>("/tokens");
    const who = me.value;
    if (typeof who === "string") return <h1>{say("page.me")}</h1>;
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{who.name}</h1>
                    <p>
                        {say_of("role", who.role)},{" "}
                        {who.services.length ? who.services.join(", ") : say("people.all_services")}
                    </p>
                </div>
                {who.password ? (
                    <div class="page-acts">
                        <button class="btn" onClick={() => (deed.value = password_deed())}>
                            {say("me.password")}
                        </button>
                    </div>
                ) : null}
            </div>
            <div class="two">
                <div class="home-col">
                    <Panel of={sessions} title={say("me.sessions")} lines={3}>
                        {(d) => <Sessions list={d.items} />}
                    </Panel>
                    <Panel
                        of={tokens}
                        title={say("me.tokens")}
                        lines={3}
                        end={
                            <button class="btn small end" onClick={() => (deed.value = token_deed())}>
                                {say("token.open")}
                            </button>
                        }>
                        {(d) => <Tokens list={d.items} />}
                    </Panel>
                </div>
                <Likings />
            </div>
            <Once />
        </>
    );
}
