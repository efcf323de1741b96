// tabs.tsx: the pages of the log, beside each other.
import { where } from "../router";
import { say } from "../words";

export function LogTabs() {
    const here = where.value.path;
    const tab = (path: string, text: string) => (
        <a href={path} aria-current={here === path ? "page" : undefined}>
            {text}
        </a>
    );
    return (
        <nav class="tabs" aria-label={say("log.tabs")}>
            {tab("/log", say("log.questions"))}
            {tab("/log/live", say("log.live"))}
            {tab("/log/pages", say("log.pages"))}
        </nav>
    );
}
