// foreign.ts: text that somebody else wrote (subjects, authors, paths, lines). What would turn its direction is shown by
// its name, as the command line does it: nobody approves a line that reads otherwise than it runs.
//
//     <span>{foreign(commit.subject)}</span>
const turns = /[\u202a-\u202e\u2066-\u2069]/g;

export function foreign(text: string): string {
    return text.replace(turns, (c) => `\\u${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
