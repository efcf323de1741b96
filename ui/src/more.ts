// more.ts: a list that goes on: what came with the page, then what was fetched behind it, each item once.
import { useState } from "preact/hooks";
import { ApiError, get } from "./api";
import type { List } from "./shapes";

export function use_more<T>(first: List<T>, path: string, query: URLSearchParams, key: (item: T) => unknown) {
    const [older, add] = useState<T[]>([]);
    const [next, set_next] = useState<number | null | undefined>(undefined);
    const [error, fail] = useState<ApiError>();
    const cursor = next === undefined ? first.next : next;
    const seen = new Set(first.items.map(key));
    const all = [...first.items, ...older.filter((item) => !seen.has(key(item)))];
    const more = async () => {
        const q = new URLSearchParams(query);
        q.set("after", String(cursor));
        try {
            const page = (await get<List<T>>(`${path}?${q}`)).data;
            add([...older, ...page.items]);
            set_next(page.next);
            fail(undefined);
        } catch (e) {
            if (!(e instanceof ApiError)) throw e;
            fail(e);
        }
    };
    return { all, cursor, more, error };
}
