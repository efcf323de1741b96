// house.ts: what the rail says on every page: how much needs you, what runs. From the same address as
// the home page.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { use_resource } from "../resource";
import type { Home } from "../shapes";
import { site_name, timezone } from "../state";

export const home_topics = ["release", "lock", "host", "alarm", "house", "site"];
const home = signal<Home | undefined>(undefined);

export const counts = computed(() => ({
    needs: home.value?.needs.length ?? 0,
    running: home.value?.happening.filter((x) => x.kind === "release.running").length ?? 0,
}));
export const up_since = computed(() => home.value?.up_since ?? null);
export const services = computed(() => services_of(home.value));

export function services_of(h: Home | undefined): string[] {
    return [...new Set(h?.tiles.filter((t) => t.tier === "apps").map((t) => t.name) ?? [])];
}

export function use_house(): void {
    const r = use_resource<Home>("/home", home_topics);
    const data = r.data.value;
    useEffect(() => {
        if (!data) return;
        home.value = data;
        site_name.value = data.site ?? "";
        timezone.value = data.timezone ?? null;
    }, [data]);
}
