// liking.ts: how somebody likes the pages: kept in this browser, and with their account for the next one.
import { act, ApiError } from "./api";
import { recall } from "./keep";
import { me, type Me } from "./state";
import { choose_theme, theme, type Theme } from "./theme";
import { choose_language, language, type Language } from "./words";

interface Liked {
    language: Language;
    theme: Theme;
    single_keys: boolean;
}
let unsent: Partial<Liked> = {};
let sending = false;

// To the account go one request at a time and the newest last: two presses do not overtake each other on their way.
// What is chosen before the server has said who is here waits for that.
async function send_unsent(): Promise<void> {
    const who = me.value;
    if (who === "unknown" || sending) return;
    const liked = unsent;
    unsent = {};
    if (who === "nobody" || !who.account || !Object.keys(liked).length) return;
    sending = true;
    const all: Liked = { language: language.value, theme: theme.value, single_keys: who.single_keys, ...liked };
    await act("PUT", "/me", all).catch((e) => {
        if (!(e instanceof ApiError)) throw e; // this browser has it at least
    });
    sending = false;
    void send_unsent();
}
me.subscribe(() => void send_unsent());

function keep_with_account(liked: Partial<Liked>): void {
    unsent = { ...unsent, ...liked };
    void send_unsent();
}

export function like_theme(t: Theme): void {
    choose_theme(t);
    keep_with_account({ theme: t });
}

// Sent at once, not when the words are there: who leaves the page meanwhile has chosen all the same.
export function like_language(l: Language): Promise<void> {
    keep_with_account({ language: l });
    return choose_language(l);
}

export function like_keys(on: boolean): void {
    const who = me.value;
    if (typeof who === "string") return;
    me.value = { ...who, single_keys: on };
    keep_with_account({ single_keys: on });
}

// A browser in which nothing was chosen yet takes what the account says.
export async function follow_account(who: Me): Promise<void> {
    if (!who.account) return;
    if (!recall("theme") && (who.theme === "light" || who.theme === "dark")) choose_theme(who.theme);
    if (!recall("language") && who.language !== language.value && who.language === "ja")
        await choose_language("ja");
}
