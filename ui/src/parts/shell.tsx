// shell.tsx: what stays while pages come and go: skip link, rail, top bar, the page in the middle, what lies over it.
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { go, where, type Page, type PageProps } from "../router";
import { another_build, me, said, site_name } from "../state";
import { say } from "../words";
import { DeedDialog } from "./deed";
import { use_house } from "./house";
import { help_open, KeyHelp } from "./keyhelp";
import { Palette, palette_open } from "./palette";
import { Bones } from "./panel";
import { Rail } from "./rail";
import { Top } from "./top";

function NewBuild() {
    if (!another_build.value) return null;
    return (
        <div class="banner" role="status">
            <span>{say("build.other")}</span>
            <button class="btn small" onClick={() => location.reload()}>
                {say("build.reload")}
            </button>
        </div>
    );
}

// The page of the address: its chunk is fetched while its data is on the way.
function use_chunk(page: Page | null): ComponentType<PageProps> | null | "failed" {
    const [chunk, set] = useState<{ page: Page; of: ComponentType<PageProps> | "failed" } | null>(null);
    useEffect(() => {
        let current = true;
        if (page && !page.of)
            page.load?.().then(
                (of) => current && set({ page, of }),
                () => current && set({ page, of: "failed" }),
            );
        return () => {
            current = false;
        };
    }, [page]);
    return page?.of ?? (chunk && chunk.page === page ? chunk.of : null);
}

function Body({ children, full }: { children?: ComponentChildren; full?: boolean }) {
    return (
        <main class={`page ${full ? "full" : ""}`} id="page" tabIndex={-1}>
            {children}
        </main>
    );
}

export function Lost() {
    return (
        <>
            <div class="page-head">
                <div>
                    <h1>{say("lost.title")}</h1>
                    <p>{say("lost.why", { path: where.value.path })}</p>
                </div>
            </div>
            <p>
                <a href="/">{say("lost.home")}</a>
            </p>
        </>
    );
}

export function PageHere() {
    const { page, values, query, path } = where.value;
    const chunk = use_chunk(page);
    if (!page)
        return (
            <Body>
                <Lost />
            </Body>
        );
    if (chunk === "failed")
        return (
            <Body>
                <p role="alert">
                    {say("page.no_chunk")}{" "}
                    <button class="btn small" onClick={() => location.reload()}>
                        {say("build.reload")}
                    </button>
                </p>
            </Body>
        );
    if (!chunk)
        return (
            <Body>
                <Bones lines={6} />
            </Body>
        );
    const Chunk = chunk;
    return page.bare ? (
        <main class="bare">
            <Chunk key={path} values={values} query={query} />
        </main>
    ) : (
        <Body full={page.full}>
            <Chunk key={path} values={values} query={query} />
        </Body>
    );
}

export function Shell() {
    use_house();
    const { page, path, values } = where.value;
    const title = !page ? say("page.lost") : values.number ? `${values.service} ${values.number}` : say(page.title);
    const shown = useRef(path);
    useEffect(() => {
        if (shown.current === path) return;
        shown.current = path;
        document.getElementById("page")?.focus({ preventScroll: true }); // whoever listens hears the new page
    }, [path]);
    useEffect(() => {
        document.title = `${title} · ${site_name.value || "Rusuban"}`;
    }, [title, site_name.value]);
    if (me.value === "nobody") {
        queueMicrotask(() =>
            go(`/sign-in?to=${encodeURIComponent(path + location.search + location.hash)}`, "replace"),
        );
        return null;
    }
    const skip = (e: Event) => {
        e.preventDefault();
        document.getElementById("page")?.focus();
    };
    return (
        <>
            <a class="skip" href="#page" onClick={skip}>
                {say("top.skip")}
            </a>
            <div class="shell">
                <Rail />
                <div>
                    <NewBuild />
                    <Top />
                    <PageHere />
                </div>
            </div>
            {palette_open.value ? <Palette /> : null}
            {help_open.value ? <KeyHelp /> : null}
            <DeedDialog />
            <div class="said" role="status" aria-live="polite">
                {said.value}
            </div>
        </>
    );
}
