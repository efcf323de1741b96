// params.ts: what a question leaves open, as far as a page needs it to show a field for each: {{day}}, {{app?}},
// {{n:number}}. The server reads them for good (log/param.h); texts, quoted names and comments are passed over here as
// there.
export interface Param {
    name: string;
    type: "text" | "day" | "number" | "time";
    optional: boolean;
}
export type Values = Record<string, string>;

const passed_over = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|--[^\n\r]*|\/\*[^]*?(?:\*\/|$)|\$(\w*)\$[^]*?(?:\$\1\$|$)/g;
const place = /\{\{\s*([a-z_]\w{0,31})\s*(\?)?\s*(?::\s*(text|day|number|time)\s*(\?)?\s*)?\}\}/gi;

export function params_of(sql: string): Param[] {
    const all = new Map<string, Param>();
    for (const m of sql.replace(passed_over, " ").matchAll(place)) {
        const known = all.get(m[1].toLowerCase()); // {{a}} and {{A}} are one
        const name = known?.name ?? m[1];
        const usual = name === "day" || name.endsWith("_day") ? "day" : "text";
        const optional = !!(m[2] ?? m[4]);
        const type = (m[3]?.toLowerCase() as Param["type"] | undefined) ?? known?.type ?? usual;
        all.set(name.toLowerCase(), { name, type, optional: optional && (known?.optional ?? true) });
    }
    return [...all.values()];
}

// Those that the question has a place for.
export function fitting(sql: string, values: Values): Values {
    return Object.fromEntries(
        params_of(sql)
            .map((p): [string, string] => [p.name, values[p.name] ?? ""])
            .filter(([, value]) => value !== ""),
    );
}

export function missing(sql: string, values: Values): string | null {
    return params_of(sql).find((p) => !p.optional && !values[p.name])?.name ?? null;
}
