// strip.tsx: a line for the command line, with Copy.
import { tell } from "../state";
import { say } from "../words";

export async function copy(text: string, done = say("copy.done")): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        tell(done);
    } catch {
        tell(say("copy.failed"));
    }
}

export function Strip({ line }: { line: string }) {
    return (
        <div class="strip">
            <code tabIndex={0}>{line}</code>
            <button type="button" onClick={() => void copy(line)} aria-label={say("copy.line", { line })}>
                {say("copy.copy")}
            </button>
        </div>
    );
}
