// as-table.tsx: what a chart draws, as a table for who reads numbers: folded, a column of moments and columns of numbers.
import { say } from "../words";

export function AsTable({ head, rows }: { head: string[]; rows: string[][] }) {
    return (
        <details class="as-table">
            <summary>{say("page_of.table")}</summary>
            <div class="panel panel-scroll" role="region" aria-label={say("page_of.table")} tabIndex={0}>
                <table>
                    <thead>
                        <tr>
                            {head.map((h, i) => (
                                <th class={i ? "right" : ""}>{h}</th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map((r) => (
                            <tr>
                                {r.map((cell, i) => (
                                    <td class={i ? "right" : ""}>{cell}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </details>
    );
}
