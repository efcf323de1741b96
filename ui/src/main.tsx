// main.tsx: the start: theme, language, who am I; then the shell.
import { render } from "preact";
import { ApiError, get } from "./api";
import { start_keys } from "./keys";
import { follow_account } from "./liking";
import { start_live } from "./live";
import { PageHere, Shell } from "./parts/shell";
import { start_router, where } from "./router";
import { me, type Me } from "./state";
import { start_theme } from "./theme";
import { first_language, speak } from "./words";

async function ask_who(): Promise<void> {
    try {
        const who: Me = { ...(await get<Me>("/me")).data };
        await follow_account(who);
        me.value = who;
    } catch (e) {
        if (!(e instanceof ApiError)) throw e;
        if (me.value === "unknown") setTimeout(() => void ask_who(), 3000); // the panels say what is wrong meanwhile
    }
}

function App() {
    if (where.value.page?.bare) return <PageHere />;
    return <Shell />;
}

// Asked again by every sign-in; the stream begins with somebody who may hear it.
me.subscribe((who) => {
    if (typeof who !== "string") start_live();
});
where.subscribe(({ page }) => {
    if (!page?.welcome && me.peek() === "unknown") void ask_who();
});

start_theme();
start_router();
start_keys();
await speak(first_language());
render(<App />, document.getElementById("app")!);
