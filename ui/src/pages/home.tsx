// home.tsx: the state of the site in a sentence, what needs you, the map, four figures, what happens now.
import { deed } from "../deed";
import { start_deed } from "../deeds";
import { home_topics, services_of } from "../parts/house";
import { Icon } from "../parts/icon";
import { number_of, tile_note, title_of, tone_of, under_way, why_of, words_of } from "../parts/item";
import { Empty, Panel } from "../parts/panel";
import { Spark } from "../parts/spark";
import { Strip } from "../parts/strip";
import { use_resource } from "../resource";
import { find } from "../router";
import type { Figure, Home, Item, Loss, Tile, Zone } from "../shapes";
import { may } from "../state";
import { clock, full_time, size, when } from "../time";
import { number, say, say_of, say_or } from "../words";

function sentence(h: Home): string {
    const n = h.needs.length;
    const state =
        h.sentence.how === "bad" && n ? say("home.worst", { what: title_of(h.needs[0]) }) : say("home.calm");
    return say("home.sentence", { state, needs: n ? say("home.needs", { n }) : say("home.nothing") });
}

function peak_of(x: NonNullable<Home["peak"]>): string {
    return say("home.peak", { n: number(x.per_s, x.per_s < 10 ? 1 : 0), at: when(x.at) });
}

function Head({ h }: { h: Home }) {
    const services = services_of(h),
        hosts = h.zones.reduce((n, z) => n + z.hosts, 0);
    return (
        <div class="page-head">
            <div>
                <h1 aria-live="polite">{sentence(h)}</h1>
                <p>
                    {say("home.counts", { services: services.length, hosts, zones: h.zones.length })}
                    {h.peak ? ` ${peak_of(h.peak)}` : ""}
                </p>
            </div>
            <div class="page-acts">
                {may("log_read") && h.figures.length ? (
                    <a class="btn" href="/log">
                        {say("home.ask_log")}
                    </a>
                ) : null}
                {may("release_start") && services.length ? (
                    <button class="btn primary" onClick={() => (deed.value = start_deed(services))}>
                        {say("start.open")}
                    </button>
                ) : null}
            </div>
        </div>
    );
}

// Pages that this version does not have yet are named, not linked.
function here(path: string | null): string | null {
    return path && find(new URL(path, location.href)).page ? path : null;
}

function TileBox({ t, running }: { t: Tile; running?: Item }) {
    const tone = running ? "run" : tone_of(t.how),
        path = here(running?.path ?? t.path);
    const note = running ? say("tile.under_way", { number: number_of(running) }) : tile_note(t);
    const inside = (
        <>
            <div class="tile-name">
                <Icon tone={tone} />
                <span title={t.name}>{t.name}</span>
            </div>
            <div class="tile-note" title={note}>
                {note}
            </div>
        </>
    );
    const kind = `tile ${["warn", "bad", "run"].includes(tone) ? tone : ""}`;
    return path ? (
        <a class={kind} href={path}>
            {inside}
        </a>
    ) : (
        <div class={kind}>{inside}</div>
    );
}

function TierRow({
    name,
    tiles,
    zones,
    happening,
}: {
    name: string;
    tiles: Tile[];
    zones: Zone[];
    happening: Item[];
}) {
    const things = new Set(tiles.map((t) => t.name)).size;
    return (
        <div class="map-row">
            <div class="map-tier">
                {say_of("tier", name)}
                <small>{say("map.services", { n: things })}</small>
            </div>
            {zones.map((z) => {
                const mine = tiles.filter((t) => t.zone === z.name);
                return (
                    <div class="map-tiles">
                        {mine.length ? <span class="map-zone">{say("zone.name", { zone: z.name })}</span> : null}
                        {mine.map((t) => (
                            <TileBox t={t} running={under_way(t, happening)} />
                        ))}
                    </div>
                );
            })}
        </div>
    );
}

// Counted, not measured: the site file says where hosts are, and nobody knows yet what each can carry.
function LossBox({ x }: { x: Loss }) {
    const gone = x.services.filter((s) => !s.left),
        thin = x.services.filter((s) => s.left && 2 * s.left < s.of);
    const names = (of: Loss["services"]) => of.map((s) => s.name).join(say("list.and"));
    return (
        <div class={`loss ${x.how}`}>
            <p>
                <b>{say("loss.if", { zone: x.zone })}</b> {say("loss.hosts", { left: x.left, of: x.of })}
            </p>
            <svg class="loss-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="loss-all" width="100" height="6" />
                <rect class="loss-left" width={(100 * x.left) / Math.max(x.of, 1)} height="6" />
            </svg>
            <p class="loss-said">
                <Icon tone={x.how} />
                <span>
                    {gone.length
                        ? say("loss.gone", { services: names(gone) })
                        : thin.length
                          ? say("loss.thin", { services: names(thin) })
                          : say("loss.holds")}
                </span>
            </p>
        </div>
    );
}

function SiteMap({ h }: { h: Home }) {
    if (!h.tiles.length) return <Empty line="rusuban site init">{say("home.no_map")}</Empty>;
    const tiers = [...new Set(h.tiles.map((t) => t.tier))];
    return (
        <div class="map" style={{ "--zones": h.zones.length }}>
            <div class="map-head">
                <h2>{say("home.map")}</h2>
                {h.zones.map((z) => (
                    <div>
                        <b>{say("zone.name", { zone: z.name })}</b>{" "}
                        <span>{[z.net, say("zone.hosts", { n: z.hosts })].filter(Boolean).join(", ")}</span>
                    </div>
                ))}
            </div>
            {tiers.map((t) => (
                <TierRow
                    name={t}
                    tiles={h.tiles.filter((x) => x.tier === t)}
                    zones={h.zones}
                    happening={h.happening}
                />
            ))}
            {h.losses.length ? (
                <div class="losses">
                    {h.losses.map((x) => (
                        <LossBox x={x} />
                    ))}
                </div>
            ) : null}
        </div>
    );
}

const units: Record<string, string> = { per_s: "/s", ms: "ms", percent: "%" };

function value_of(f: Figure): [string, string] {
    if (f.now === null) return ["–", ""];
    if (f.unit === "bytes_per_s") {
        const [n, unit] = size(f.now).split(" ");
        return [n, `${unit}/s`];
    }
    return [number(f.now, f.now < 10 ? 2 : 0), units[f.unit] ?? f.unit];
}

// Why there is no number: no line ever, none for some time, none in a whole minute yet, or no times in them.
const present_ms = 6 * 60_000; // the minute that runs, and the five that the present is
function nothing_of(h: Home): string {
    if (!h.lines?.first || !h.lines.last) return say("lines.never");
    if (h.figures.some((f) => f.now !== null)) return say("lines.no_times");
    return Date.parse(h.lines.last) < Date.now() - present_ms
        ? say("lines.idle", { since: when(h.lines.last) })
        : say("lines.begun");
}

const day_ms = 24 * 3_600_000;
function span_of(h: Home): string {
    const first = h.lines?.first;
    return first && Date.parse(first) > Date.now() - day_ms
        ? say("lines.since", { since: clock(first) })
        : say("figure.day");
}

function FigureBox({ f, h }: { f: Figure; h: Home }) {
    const name = say_of("figure", f.name),
        [value, unit] = value_of(f);
    const note = f.now === null ? nothing_of(h) : unit;
    return (
        <div class="fig">
            <h3 class="fig-name">
                {name}
                <em>{say("figure.now")}</em>
            </h3>
            <div class="fig-value">
                {value} <small>{note}</small>
            </div>
            <Spark points={f.series} label={say("home.figure", { name, value: f.now === null ? note : `${value} ${unit}` })} />
            <small class="fig-span">{span_of(h)}</small>
        </div>
    );
}

function NeedBox({ x, first }: { x: Item; first: boolean }) {
    const path = here(x.path);
    return (
        <li class="need">
            <Icon tone={tone_of(x.how)} />
            <b>{title_of(x)}</b>
            {path ? (
                <a class={`btn small ${first ? "primary" : ""}`} href={path} data-row>
                    {say_or("look", x.kind, say("look.open"))}
                </a>
            ) : null}
            {why_of(x) ? <p>{why_of(x)}</p> : null}
            {!path && x.cli ? (
                <div class="need-line">
                    <Strip line={x.cli} />
                </div>
            ) : null}
        </li>
    );
}

function Line({ x }: { x: Item }) {
    const { subject, words } = words_of(x),
        path = here(x.path);
    return (
        <li>
            {x.at ? (
                <time dateTime={x.at} title={full_time(x.at)}>
                    {when(x.at)}
                </time>
            ) : (
                <span />
            )}
            <Icon tone={tone_of(x.how)} />
            <p>
                {subject && path ? (
                    <>
                        <a href={path}>{subject}</a>{" "}
                    </>
                ) : subject ? (
                    `${subject} `
                ) : (
                    ""
                )}
                {words} {x.who ? <span>{x.who}</span> : null}
            </p>
        </li>
    );
}

export default function HomePage() {
    const res = use_resource<Home>("/home", home_topics);
    const h = res.data.value;
    return (
        <>
            {h ? (
                <Head h={h} />
            ) : (
                <div class="page-head">
                    <h1>{say("page.home")}</h1>
                </div>
            )}
            <div class="home-cols">
                <div class="home-col">
                    <Panel of={res} name={say("home.map")} lines={10}>
                        {(d) => <SiteMap h={d} />}
                    </Panel>
                    <Panel of={res} name={say("home.figures")} lines={4}>
                        {(d) =>
                            d.figures.length ? (
                                <div class="figs">
                                    {d.figures.map((f) => (
                                        <FigureBox f={f} h={d} />
                                    ))}
                                </div>
                            ) : (
                                <Empty line="rusuban site reference">{say("home.no_logs")}</Empty>
                            )
                        }
                    </Panel>
                </div>
                <div class="home-col">
                    <Panel of={res} title={say("home.needs_title")} kind="need-panel" lines={3}>
                        {(d) =>
                            d.needs.length ? (
                                <ul>
                                    {d.needs.map((x, i) => (
                                        <NeedBox x={x} first={i === 0} />
                                    ))}
                                </ul>
                            ) : (
                                <p class="panel-pad sub">{say("home.nothing")}</p>
                            )
                        }
                    </Panel>
                    <Panel
                        of={res}
                        title={say("home.happening")}
                        lines={5}
                        end={
                            <a class="end" href="/releases">
                                {say("home.all")}
                            </a>
                        }>
                        {(d) =>
                            d.happening.length ? (
                                <ul class="feed">
                                    {d.happening.map((x) => (
                                        <Line x={x} />
                                    ))}
                                </ul>
                            ) : (
                                <Empty line="rusuban release start SERVICE">{say("home.quiet")}</Empty>
                            )
                        }
                    </Panel>
                </div>
            </div>
        </>
    );
}
