// people.ts: what an admin may do about people, and anybody about their own password, sessions and tokens.
import { signal } from "@preact/signals";
import type { Person, Session, Token } from "./answers";
import { typed, type Ask, type Deed, type Given } from "./deed";
import { me, tell } from "./state";
import { say, say_of } from "./words";

export type { Person, Session, Token };

// What is shown once and never again: a link, a token. Held until it is put away, and nowhere else.
export const shown_once = signal<{ title: string; why: string; text: string } | null>(null);

const roles = ["viewer", "analyst", "developer", "admin"];

function list(text: string | undefined): string[] {
    return (text ?? "").split(/[\s,]+/).filter(Boolean);
}

const role_ask = (value: string, most = roles): Ask => ({
    name: "role",
    label: say("people.role"),
    hint: say("people.role_hint"),
    options: most.map((r) => [r, say_of("role", r)]),
    value,
});
const services_ask = (value: string): Ask => ({
    name: "services",
    label: say("people.services"),
    hint: say("people.services_hint"),
    value,
});

function words_of(g: Given): string {
    const services = list(g.services);
    return ` --role ${typed(g.role)}${services.length ? ` --services ${typed(services.join(","))}` : ""}`;
}

// Who is there already gets a link for a new password, and keeps role and services.
export function invite_deed(p?: Person): Deed {
    const name = (g: Given) => (p ? p.name : g.name.trim());
    const rest = (g: Given) => (p ? { role: p.role, services: p.services.join(",") } : g);
    return {
        title: p ? say("invited.again_title", { name: p.name }) : say("invited.title"),
        effect: p ? say("invited.again_effect") : say("invited.effect"),
        press: say("invited.press"),
        asks: p
            ? []
            : [
                  { name: "name", label: say("sign.name"), hint: say("invited.name_hint"), required: true },
                  role_ask("developer"),
                  services_ask(""),
              ],
        method: "POST",
        path: "/invites",
        body: (g) => ({ name: name(g), role: rest(g).role, services: list(rest(g).services) }),
        cli: (g) => `rusuban people invite ${typed(name(g) || "NAME")}${words_of(rest(g))}`,
        done: (answer) => {
            const a = answer as { name: string; link: string };
            shown_once.value = {
                title: say("invited.link", { name: a.name }),
                why: say("invited.link_why"),
                text: a.link,
            };
        },
    };
}

export function change_deed(p: Person): Deed {
    return {
        title: say("people.change_title", { name: p.name }),
        effect: say("people.change_effect"),
        press: say("people.change_press"),
        asks: [role_ask(p.role), services_ask(p.services.join(", "))],
        method: "PUT",
        path: `/people/${encodeURIComponent(p.name)}`,
        match: p.match ?? undefined,
        body: (g) => ({ role: g.role, services: list(g.services) }),
        cli: (g) => `rusuban people set ${typed(p.name)}${words_of(g)}`,
        done: () => tell(say("people.changed")),
    };
}

export function remove_deed(p: Person): Deed {
    return {
        title: say("people.remove_title", { name: p.name }),
        effect: p.invited ? say("people.uninvite_effect") : say("people.remove_effect"),
        press: say("people.remove"),
        danger: true,
        asks: [],
        method: "DELETE",
        path: `/people/${encodeURIComponent(p.name)}`,
        body: () => ({}),
        cli: () => `rusuban people remove ${typed(p.name)}`,
        done: () => tell(say("people.removed")),
    };
}

export function password_deed(): Deed {
    return {
        title: say("me.password"),
        effect: say("me.password_effect"),
        press: say("me.password_press"),
        asks: [
            { name: "old", label: say("me.password_old"), required: true, secret: "current-password" },
            {
                name: "password",
                label: say("me.password_new"),
                hint: say("invite.password", { n: 10 }),
                required: true,
                secret: "new-password",
            },
        ],
        method: "POST",
        path: "/me/password",
        body: (g) => ({ old: g.old, password: g.password }),
        done: () => tell(say("me.password_done")),
    };
}

export function end_session_deed(s: Session, agent: string): Deed {
    return {
        title: say("me.end_title"),
        effect: say("me.end_effect", { from: s.from, agent }),
        press: say("me.end"),
        danger: true,
        asks: [],
        method: "DELETE",
        path: `/sessions/${s.id}`,
        body: () => ({}),
        cli: () => `rusuban session revoke ${s.id}`,
        done: () => tell(say("me.ended")),
    };
}

export function token_deed(): Deed {
    const who = me.peek();
    const mine = typeof who === "string" ? "viewer" : who.role;
    return {
        title: say("token.title"),
        effect: say("token.effect"),
        press: say("token.press"),
        asks: [
            { name: "name", label: say("token.name"), hint: say("token.name_hint"), required: true },
            role_ask(roles[0], roles.slice(0, roles.indexOf(mine) + 1)),
            services_ask(""),
            {
                name: "days",
                label: say("token.days"),
                value: "90",
                required: true,
                number: { min: 1, max: 365, step: 1 },
            },
        ],
        method: "POST",
        path: "/tokens",
        body: (g) => ({
            name: g.name.trim(),
            role: g.role,
            services: list(g.services),
            days: Number(g.days),
        }),
        cli: (g) =>
            `rusuban token make ${typed(g.name.trim() || "NAME")}${words_of(g)} --for ${typed(g.days || "DAYS")}d`,
        done: (answer) => {
            const a = answer as { name: string; token: string };
            shown_once.value = {
                title: say("token.once", { name: a.name }),
                why: say("token.once_why"),
                text: a.token,
            };
        },
    };
}

export function end_token_deed(t: Token): Deed {
    return {
        title: say("token.end_title", { name: t.name }),
        effect: say("token.end_effect"),
        press: say("token.end"),
        danger: true,
        asks: [],
        method: "DELETE",
        path: `/tokens/${t.id}`,
        body: () => ({}),
        cli: () => `rusuban token revoke ${t.id}`,
        done: () => tell(say("token.ended")),
    };
}
