// changes.tsx: what is in a release: the commits since the one before, and, where somebody wants to see it, the files
// they changed line by line. What is open stands in the address.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api";
import { foreign } from "../foreign";
import { question } from "../request";
import { use_resource } from "../resource";
import { go } from "../router";
import type { ChangedFile, Changes, Commit, Diff, DiffFile, ReleaseShown } from "../shapes";
import { may } from "../state";
import { full_time } from "../time";
import { number, say, say_of } from "../words";
import { Bones, Empty, Trouble } from "./panel";
import { Strip } from "./strip";

const commits_first = 8,
    lines_first = 1000,
    small_files = 10,
    small_lines = 400;

export function release_path(r: { service: string; number: number }): string {
    return `/releases/${encodeURIComponent(r.service)}/${r.number}`;
}

export function use_changes(service: string, n: string) {
    const path = `/releases/${encodeURIComponent(service)}/${encodeURIComponent(n)}/commits`;
    return use_resource<Changes>(path, [`release:${service}/${n}`]);
}

// The address of this page with some of its query changed.
function with_query(query: URLSearchParams, set: Record<string, string | null>): string {
    const q = new URLSearchParams(query);
    for (const [name, value] of Object.entries(set))
        if (value === null) q.delete(name);
        else q.set(name, value);
    const text = q.toString();
    return location.pathname + (text && `?${text}`);
}

// ---- commits

function CommitRow({ c }: { c: Commit }) {
    return (
        <li>
            <code class="mono" title={c.rev}>
                {c.rev.slice(0, 7)}
            </code>
            <span>{foreign(c.subject)}</span>
            <small title={c.at ? full_time(c.at) : undefined}>{foreign(c.author)}</small>
        </li>
    );
}

export function Commits({ of }: { of: Changes }) {
    const [all, show] = useState(false);
    const shown = all ? of.commits : of.commits.slice(0, commits_first);
    const rest = of.commits_total - shown.length;
    return (
        <>
            <ul class="commits">
                {shown.map((c) => (
                    <CommitRow key={c.rev} c={c} />
                ))}
            </ul>
            {rest > 0 ? (
                <p class="commits-more">
                    {all ? (
                        <span class="sub note">{say("changes.beyond", { n: rest })}</span>
                    ) : (
                        <button class="btn small" onClick={() => show(true)}>
                            {say("changes.more", { n: rest })}
                        </button>
                    )}
                </p>
            ) : null}
        </>
    );
}

export function CompareLink({ release: r, query }: { release: ReleaseShown; query: URLSearchParams }) {
    if (!r.base || !r.started_at) return null;
    const open = query.has("compare");
    return (
        <a
            class="end note"
            aria-current={open ? "true" : undefined}
            href={with_query(query, { compare: String(r.base), file: null })}>
            {say("changes.compare")}
        </a>
    );
}

// ---- lines

function tone(line: string): string {
    return line[0] === "+" ? "add" : line[0] === "-" ? "del" : line[0] === "@" ? "hunk" : "";
}

function Hunks({ file }: { file: DiffFile }) {
    const [most, more] = useState(lines_first);
    const lines = (file.text ?? "").replace(/\n$/, "").split("\n");
    return (
        <div class="diff" role="region" tabIndex={0} aria-label={say("compare.lines", { path: file.path })}>
            {lines.slice(0, most).map((l, i) => (
                <div key={i} class={tone(l)}>
                    {foreign(l) || " "}
                </div>
            ))}
            {lines.length > most ? (
                <button class="btn small" onClick={() => more(most + lines_first)}>
                    {say("compare.rest", { n: lines.length - most })}
                </button>
            ) : null}
        </div>
    );
}

function Counts({ f }: { f: ChangedFile }) {
    if (f.binary) return <small>{say("compare.binary")}</small>;
    if (f.added === null || f.removed === null) return <small />;
    return (
        <small>
            <b class="add">+{number(f.added)}</b> <b class="del">−{number(f.removed)}</b>
        </small>
    );
}

function Head({ f }: { f: ChangedFile }) {
    return (
        <>
            <span class="sub">{say_of("how", f.how)}</span>
            <code class="mono">{foreign(f.path)}</code>
            <Counts f={f} />
        </>
    );
}

function FileLines({ f }: { f: DiffFile }) {
    if (f.text) return <Hunks file={f} />;
    const why = f.binary
        ? say("compare.binary_why")
        : f.text === null
          ? say("compare.too_much")
          : say("compare.empty");
    return <p class="panel-pad sub">{why}</p>;
}

function FileShown({ f, open, toggle }: { f: DiffFile; open: boolean; toggle: (open: boolean) => void }) {
    return (
        <details open={open} onToggle={(e) => toggle(e.currentTarget.open)}>
            <summary>
                <Head f={f} />
            </summary>
            {open ? <FileLines f={f} /> : null}
        </details>
    );
}

function few(d: Diff): string[] {
    const small = d.files.length <= small_files && d.added + d.removed <= small_lines;
    return small ? d.files.map((f) => f.path) : [];
}

function DiffFiles({ d, query }: { d: Diff; query: URLSearchParams }) {
    const asked = query.get("file");
    const [open, set] = useState(() => new Set(asked ? [asked] : few(d)));
    const toggle = (path: string, now: boolean) => {
        if (open.has(path) === now) return;
        const next = new Set(open);
        if (now) next.add(path);
        else next.delete(path);
        set(next);
        const file = now ? path : query.get("file") === path ? null : query.get("file");
        go(with_query(query, { file }), "replace");
    };
    return (
        <div class="changed">
            {d.files.map((f) => (
                <FileShown key={f.path} f={f} open={open.has(f.path)} toggle={(now) => toggle(f.path, now)} />
            ))}
            {d.all ? null : <p class="panel-pad sub note">{say("compare.not_all")}</p>}
        </div>
    );
}

// Who may not read the source sees which files changed, not how.
function Names({ files, total }: { files: ChangedFile[]; total: number }) {
    return (
        <>
            <ul class="changed">
                {files.map((f) => (
                    <li key={f.path}>
                        <Head f={f} />
                    </li>
                ))}
            </ul>
            <p class="panel-pad sub note">
                {total > files.length ? `${say("compare.not_all")} ` : ""}
                {say("compare.names_only")}
            </p>
        </>
    );
}

function use_diff(r: ReleaseShown, against: number, wanted: boolean) {
    const [diff, set] = useState<Diff>();
    const [error, fail] = useState<ApiError>();
    const [turn, again] = useState(0);
    useEffect(() => {
        let left = false;
        set(undefined);
        fail(undefined);
        if (wanted)
            question<Diff>(`${release_path(r)}/diff`, { against }, () => left).then(
                (d) => left || set(d),
                (e: unknown) => {
                    if (!(e instanceof ApiError)) throw e;
                    if (!left) fail(e);
                },
            );
        return () => void (left = true);
    }, [r.service, r.number, against, wanted, turn]);
    return { diff, error, again: () => again(turn + 1) };
}

interface Props {
    release: ReleaseShown;
    changes: Changes | undefined;
    query: URLSearchParams;
}

function Inside({ release: r, changes, query, against }: Props & { against: number }) {
    const lines = may("release_start", r.service);
    const { diff, error, again } = use_diff(r, against, lines);
    if (error) return <Trouble error={error} again={again} />;
    if (!lines && changes && against === changes.base)
        return <Names files={changes.files} total={changes.files_total} />;
    if (!lines) return <Empty>{say("compare.names_only")}</Empty>;
    if (!diff) return <Bones lines={4} />;
    if (!diff.files.length) return <Empty>{say("compare.same")}</Empty>;
    return <DiffFiles d={diff} query={query} />;
}

export function Compare({ release: r, changes, query }: Props) {
    const heading = useRef<HTMLHeadingElement>(null);
    const against = Number(query.get("compare")) || r.base;
    // Who followed the link is led there; who came with the address reads from the top.
    useEffect(() => {
        if (document.activeElement instanceof HTMLAnchorElement) heading.current?.focus();
    }, [against]);
    const sum = changes?.known && against === changes.base ? changes : undefined;
    return (
        <section aria-label={say("compare.name")}>
            <div class="panel-bar">
                <h2 ref={heading} tabIndex={-1}>
                    {say("compare.title", { number: r.target, base: against })}
                </h2>
                {sum ? (
                    <span class="sub note">
                        {say("compare.sum", { n: sum.files_total, added: sum.added, removed: sum.removed })}
                    </span>
                ) : null}
                <a class="end note" href={with_query(query, { compare: null, file: null })}>
                    {say("changes.close")}
                </a>
            </div>
            <div class="panel">
                <Inside key={against} release={r} changes={changes} query={query} against={against} />
                <div class="panel-foot">
                    <Strip
                        line={
                            `rusuban release show ${r.service} ${r.number} --diff` +
                            (against === r.base ? "" : ` --against ${against}`)
                        }
                    />
                </div>
            </div>
        </section>
    );
}
