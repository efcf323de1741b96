// sheet.tsx: the end of a phone's bar: the pages that have no place in it, on a sheet above it.
import { useRef, useState } from "preact/hooks";
import { bar_of, pages, where } from "../router";
import { may } from "../state";
import { say } from "../words";
import { Stroke } from "./icon";
import { use_menu } from "./menu";

function Sheet({ close }: { close: () => void }) {
    const ref = use_menu(close);
    const here = where.value.page;
    return (
        <div class="menu sheet" ref={ref} role="menu" aria-label={say("rail.more")}>
            {pages
                .filter((p) => p.go && !p.bar && (!p.right || may(p.right)))
                .map((p) => (
                    <a role="menuitem" href={p.path} aria-current={p === here ? "page" : undefined} onClick={close}>
                        {say(p.title)}
                    </a>
                ))}
        </div>
    );
}

export function More() {
    const [open, set_open] = useState(false);
    const button = useRef<HTMLButtonElement>(null);
    const here = where.value.page;
    const elsewhere = !!here && !bar_of(here);
    const close = () => {
        set_open(false);
        button.current?.focus();
    };
    return (
        <li class="rail-phone">
            <button
                class={`rail-item ${elsewhere ? "here" : ""}`}
                ref={button}
                aria-haspopup="menu"
                aria-expanded={open}
                onClick={() => set_open(!open)}>
                <Stroke name="more" />
                {say("rail.more")}
            </button>
            {open ? <Sheet close={close} /> : null}
        </li>
    );
}
