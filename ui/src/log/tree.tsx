// tree.tsx: what a question may name: tables with their columns, and the questions that people keep.
import { useState } from "preact/hooks";
import { Panel } from "../parts/panel";
import type { Resource } from "../resource";
import type { List, Saved, Table } from "../shapes";
import { size } from "../time";
import { number, say } from "../words";
import { hash_of, nothing } from "./question";

function fits(t: Table, typed: string): boolean {
    return t.table.includes(typed) || t.columns.some((c) => c.name.includes(typed));
}

function TableBox({ t, typed, insert }: { t: Table; typed: string; insert: (text: string) => void }) {
    const columns = !typed || t.table.includes(typed) ? t.columns : t.columns.filter((c) => c.name.includes(typed));
    return (
        <details open={typed !== "" || (t.table === "access_log" && matchMedia("(min-width: 761px)").matches)}>
            <summary title={t.rows === null ? undefined : say("log.rows", { n: t.rows })}>
                <span>{t.table}</span>
                <small>{t.bytes === null ? "" : t.bytes ? size(t.bytes) : number(0)}</small>
            </summary>
            <ul>
                {columns.map((c) => (
                    <li>
                        <button onClick={() => insert(c.name)} title={say("log.insert", { name: c.name })}>
                            <span>{c.name}</span>
                            <small>{c.type.toLowerCase()}</small>
                        </button>
                    </li>
                ))}
            </ul>
        </details>
    );
}

interface Props {
    tables: Resource<List<Table>>;
    saved: Resource<List<Saved>>;
    chosen: number | null;
    insert: (text: string) => void;
}

export function Tree({ tables, saved, chosen, insert }: Props) {
    const [typed, type] = useState("");
    const word = typed.trim().toLowerCase();
    const refused = saved.error.value?.code === "forbidden"; // the page says it, once
    return (
        <div class="log-tree">
            <input
                class="log-filter"
                data-filter
                aria-label={say("log.filter")}
                placeholder={say("log.filter")}
                value={typed}
                autoComplete="off"
                onInput={(e) => type(e.currentTarget.value)}
            />
            <Panel of={tables} title={say("log.tables")} lines={6} kind="flat">
                {(d) => (
                    <>
                        {d.items
                            .filter((t) => fits(t, word))
                            .map((t) => (
                                <TableBox key={`${t.table} ${word !== ""}`} t={t} typed={word} insert={insert} />
                            ))}
                    </>
                )}
            </Panel>
            {refused ? null : (
                <Panel of={saved} title={say("log.saved")} lines={3} kind="flat">
                    {(d) =>
                        d.items.length ? (
                            <ul class="log-saved">
                                {d.items.map((s) => (
                                    <li>
                                        <a
                                            href={`/log?saved=${s.id}${hash_of({ ...nothing, sql: s.sql, params: s.params })}`}
                                            aria-current={s.id === chosen ? "true" : undefined}
                                            title={say("log.saved_by", { who: s.who })}
                                            data-row>
                                            {s.name}
                                        </a>
                                    </li>
                                ))}
                            </ul>
                        ) : (
                            <p class="note dim">{say("log.no_saved")}</p>
                        )
                    }
                </Panel>
            )}
        </div>
    );
}
