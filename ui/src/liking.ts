// liking.ts: how somebody likes the pages: kept in this browser, and with their account for the next one.
import { act, ApiError } from "./api";
import { recall } from "./keep";
import { me, type Me } from "./state";
import { choose_theme, theme, type Theme } from "./theme";
import { choose_language, language, type Language } from "./words";

function keep_with_account(): void {
    const who = me.value;
    if (typeof who === "string" || !who.account) return;
    const liked = { language: language.value, theme: theme.value, single_keys: who.single_keys };
    act("PUT", "/me", liked).catch((e) => {
        if (!(e instanceof ApiError)) throw e; // this browser has it at least
    });
}

export function like_theme(t: Theme): void {
    choose_theme(t);
    keep_with_account();
}

export async function like_language(l: Language): Promise<void> {
    await choose_language(l);
    keep_with_account();
}

export function like_keys(on: boolean): void {
    const who = me.value;
    if (typeof who === "string") return;
    me.value = { ...who, single_keys: on };
    keep_with_account();
}

// A browser in which nothing was chosen yet takes what the account says.
export async function follow_account(who: Me): Promise<void> {
    if (!who.account) return;
    if (!recall("theme") && (who.theme === "light" || who.theme === "dark")) choose_theme(who.theme);
    if (!recall("language") && who.language !== language.value && who.language === "ja")
        await choose_language("ja");
}
