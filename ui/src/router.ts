// router.ts: the table of pages, and going from one to the other. A page's address is its data's address below /api/v1.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import HomePage from "./pages/home";
import InvitePage from "./pages/invite";
import ReleasePage from "./pages/release";
import ReleasesPage from "./pages/releases";
import SignInPage from "./pages/sign-in";
import type { Plain } from "./words";

export type Values = Record<string, string>;
export interface PageProps {
    values: Values;
    query: URLSearchParams;
}
export interface Page {
    path: string; // "/releases/{service}/{number}"
    title: Plain; // message: the title, and the word in the rail
    of?: ComponentType<PageProps>; // in the first file
    load?: () => Promise<ComponentType<PageProps>>; // or in another one, fetched when it is first opened
    rail?: string; // icon, for those in the rail
    group?: Plain; // message: the words above it there
    bar?: string; // icon, for those in the bar of a phone; others that can be gone to are behind "More" there
    right?: string; // without it there is no way to it; the server decides what it shows
    go?: string; // the letter behind g
    bare?: boolean; // for everybody: no rail, no account
    welcome?: boolean; // before there is an account: nobody is asked for
    under?: string; // path of the page above it
    full?: boolean; // from edge to edge
}

type Later = typeof import("./pages/later");

async function later(name: Exclude<keyof Later, "CanaryLines">): Promise<ComponentType<PageProps>> {
    return (await import("./pages/later"))[name];
}

export const pages: Page[] = [
    { path: "/", title: "page.home", of: HomePage, rail: "home", go: "h", bar: "home" },
    { path: "/releases", title: "page.releases", of: ReleasesPage, rail: "releases", go: "r", bar: "releases" },
    { path: "/releases/{service}/{number}", title: "page.release", of: ReleasePage, under: "/releases" },
    { path: "/log", title: "page.log", load: () => later("LogPage"), rail: "logs", go: "l", full: true, bar: "logs" },
    {
        path: "/log/live",
        title: "page.log_live",
        load: () => later("LogLivePage"),
        go: "t",
        right: "log_read",
        under: "/log",
        full: true,
    },
    {
        path: "/log/pages",
        title: "page.log_pages",
        load: () => later("LogPagesPage"),
        go: "p",
        bar: "pages",
        under: "/log",
    },
    { path: "/log/page/{id}", title: "page.log_page", load: () => later("LogPagePage"), under: "/log/pages" },
    {
        path: "/people",
        title: "page.people",
        load: () => later("PeoplePage"),
        rail: "people",
        group: "rail.admin",
        go: "u",
    },
    {
        path: "/audit",
        title: "page.audit",
        load: () => later("AuditPage"),
        rail: "audit",
        group: "rail.admin",
        right: "admin",
        go: "a",
    },
    { path: "/me", title: "page.me", load: () => later("MePage"), go: "m" },
    { path: "/sign-in", title: "page.sign_in", of: SignInPage, bare: true },
    { path: "/invite/{token}", title: "page.invite", of: InvitePage, bare: true, welcome: true },
];

// Is this page, or one above it, the other?
export function is_below(page: Page | null | undefined, other: Page): boolean {
    for (let p = page; p; p = pages.find((x) => x.path === p?.under)) if (p === other) return true;
    return false;
}

// The place in a phone's bar that a page belongs to.
export function bar_of(page: Page | null | undefined): Page | undefined {
    for (let p = page ?? undefined; p; p = pages.find((x) => x.path === p?.under)) if (p.bar) return p;
    return undefined;
}

export interface Where {
    page: Page | null;
    values: Values;
    query: URLSearchParams;
    path: string;
    hash: string;
}

function match(pattern: string, path: string): Values | null {
    const want = pattern.split("/"),
        got = path.split("/");
    if (want.length !== got.length) return null;
    const values: Values = {};
    for (let i = 0; i < want.length; i++) {
        const name = /^\{(.+)\}$/.exec(want[i])?.[1];
        if (name ? !got[i] : want[i] !== got[i]) return null;
        try {
            if (name) values[name] = decodeURIComponent(got[i]);
        } catch {
            return null;
        }
    }
    return values;
}

export function find(url: URL): Where {
    for (const page of pages) {
        const values = match(page.path, url.pathname);
        if (values) return { page, values, query: url.searchParams, path: url.pathname, hash: url.hash };
    }
    return { page: null, values: {}, query: url.searchParams, path: url.pathname, hash: url.hash };
}

export const where = signal<Where>(find(new URL(location.href)));

// state: what the entry of the history shall remember, for whoever comes back to it.
export function go(to: string, how: "push" | "replace" = "push", state: object | null = null): void {
    const url = new URL(to, location.href);
    const same = url.pathname === location.pathname;
    if (how === "replace") history.replaceState(state, "", url);
    else history.pushState(state, "", url);
    where.value = find(url);
    if (!same) scrollTo(0, 0);
}

// Links stay links: with a modifier, another target or another site the browser does what it always does.
function on_click(e: MouseEvent): void {
    if (e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element).closest?.("a[href]") as HTMLAnchorElement | null;
    if (!a || a.target || a.hasAttribute("download") || a.origin !== location.origin) return;
    if (a.pathname === location.pathname && a.search === location.search && a.hash) return;
    e.preventDefault();
    go(a.href);
}

export function start_router(): void {
    document.addEventListener("click", on_click);
    addEventListener("popstate", () => (where.value = find(new URL(location.href))));
}
