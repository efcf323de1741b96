// decide.ts: why a reader may not decide about a release, and who may, in one sentence or two.
import type { Deciders } from "../shapes";
import { me } from "../state";
import { say, say_of } from "../words";

function why(d: Deciders, service: string): string {
    if (d.why === "service") return say("decide.service", { service });
    if (d.why === "by") return say("decide.by", { service });
    if (d.why === "author") return say("decide.author");
    return typeof me.value === "string" ? "" : say("decide.role", { role: say_of("role", me.value.role) });
}

function who(d: Deciders): string {
    const names = d.names.join(say("list.and"));
    if (!names) return say("decide.nobody");
    return d.more ? say("decide.and_more", { names, n: d.more }) : say("decide.names", { names });
}

export function may_not(d: Deciders, service: string): string {
    return [why(d, service), who(d)].filter(Boolean).join(" ");
}
