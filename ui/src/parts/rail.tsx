// rail.tsx: the pages there are, at the left of a desk and at the bottom of a phone.
import { bar_of, is_below, pages, where, type Page } from "../router";
import { build, may, site_name } from "../state";
import { age } from "../time";
import { say } from "../words";
import { counts, up_since } from "./house";
import { House, Stroke } from "./icon";
import { More } from "./sheet";

export function Rail() {
    const here = where.value.page;
    const in_bar = bar_of(here);
    const current = (p: Page) => is_below(here, p);
    const shown = pages.filter((p) => (p.rail || p.bar) && (!p.right || may(p.right)));
    const count: Record<string, [number, boolean]> = {
        "/": [counts.value.needs, true],
        "/releases": [counts.value.running, false],
    };
    return (
        <nav class="rail" aria-label={say("rail.main")}>
            <div class="rail-brand">
                <House />
                Rusuban<small>{site_name.value}</small>
            </div>
            <ul class="rail-list">
                {shown.map((p, i) => {
                    const [n, hot] = count[p.path] ?? [0, false];
                    return (
                        <li class={!p.bar ? "rail-desk" : !p.rail ? "rail-phone" : ""}>
                            {p.group && shown[i - 1]?.group !== p.group ? (
                                <div class="rail-group">{say(p.group)}</div>
                            ) : null}
                            <a
                                class={`rail-item ${p === in_bar ? "here" : ""}`}
                                href={p.path}
                                aria-current={current(p) ? "page" : undefined}>
                                <Stroke name={(p.rail ?? p.bar)!} />
                                {say(p.title)}
                                {n ? (
                                    <span class={`rail-count ${hot ? "hot" : ""}`}>
                                        {n}
                                        <span class="unseen"> {hot ? say("rail.need") : say("rail.running")}</span>
                                    </span>
                                ) : null}
                            </a>
                        </li>
                    );
                })}
                <More />
            </ul>
            <div class="rail-foot">
                {up_since.value ? say("rail.foot", { version: build.value, up: age(up_since.value) }) : build.value}
            </div>
        </nav>
    );
}
