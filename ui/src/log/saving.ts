// saving.ts: keeping a question for everybody, changing one that is one's own, forgetting it.
import type { Deed } from "../deed";
import { go } from "../router";
import type { Saved } from "../shapes";
import { tell } from "../state";
import { say } from "../words";
import { fitting } from "./params";
import { hash_of, type Question } from "./question";

const name_ask = (value = "") => ({
    name: "name",
    label: say("save.name"),
    hint: say("save.name_hint"),
    required: true,
    value,
});

function opened(q: Question): (answer: unknown) => void {
    return (answer) => {
        tell(say("save.done"));
        go(`/log?saved=${(answer as Saved).id}${hash_of(q)}`, "replace");
    };
}

export function save_deed(q: Question): Deed {
    return {
        title: say("save.title"),
        effect: say("save.effect"),
        press: say("save.press"),
        asks: [name_ask()],
        method: "POST",
        path: "/log/saved",
        body: (g) => ({ name: g.name.trim(), sql: q.sql, params: fitting(q.sql, q.params) }),
        done: opened(q),
    };
}

export function change_deed(q: Question, s: Saved): Deed {
    return {
        title: say("save.change_title", { name: s.name }),
        effect: say("save.change_effect"),
        press: say("save.press"),
        asks: [name_ask(s.name)],
        method: "PUT",
        path: `/log/saved/${s.id}`,
        body: (g) => ({ name: g.name.trim(), sql: q.sql, params: fitting(q.sql, q.params), rev: s.rev }),
        done: opened(q),
    };
}

export function forget_deed(q: Question, s: Saved): Deed {
    return {
        title: say("save.forget_title", { name: s.name }),
        effect: say("save.forget_effect"),
        press: say("save.forget_press"),
        danger: true,
        asks: [],
        method: "DELETE",
        path: `/log/saved/${s.id}`,
        body: () => ({}),
        done: () => {
            tell(say("save.forgotten"));
            go(`/log${hash_of(q)}`, "replace");
        },
    };
}
