// editor.ts: CodeMirror for SQL, in a file of its own that is fetched when somebody is about to write. It lives in a
// shadow tree: there it styles itself by constructed sheets, which our policy allows.
import {
    acceptCompletion,
    autocompletion,
    closeBrackets,
    closeBracketsKeymap,
    closeCompletion,
    completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { schemaCompletionSource, SQLDialect, sql, keywordCompletionSource } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, lineNumbers, type DecorationSet } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface Place {
    line: number;
    col: number;
}
export type Tables = Record<string, string[]>;
export interface Editor {
    set(text: string): void;
    insert(text: string): void;
    tables(tables: Tables): void;
    mark(place: Place | null): void;
    label(text: string): void;
    focus(): void;
    destroy(): void;
}
export interface Wishes {
    text: string;
    label: string;
    changed: (text: string) => void;
    run: () => void;
}

// What may stand in a question: the words of DuckDB's SELECT, and the functions that logs are asked with.
const dialect = SQLDialect.define({
    keywords:
        "all and anti any as asc asof between by case cast cross current_date current_timestamp desc describe distinct " +
        "else end except exclude exists explain extract filter first following from full group grouping having ilike in " +
        "inner intersect interval is join lateral last left like limit natural not nulls offset on or order outer over " +
        "partition pivot positional preceding qualify range replace right rollup row rows sample select semi sets similar " +
        "summarize table then to try_cast unbounded union unpivot using values when where window with within",
    types:
        "bigint boolean date decimal double float integer interval json smallint struct time timestamp timestamptz " +
        "tinyint ubigint uinteger varchar",
    builtin:
        "abs any_value approx_count_distinct approx_quantile arg_max arg_min array_agg avg bool_and bool_or ceil coalesce " +
        "concat contains count count_if date_diff date_part date_trunc epoch floor first format greatest histogram " +
        "json_extract json_extract_string lag last lead least left length list lower max median min mode nullif " +
        "quantile_cont quantile_disc quantile rank regexp_extract regexp_matches regexp_replace replace right round " +
        "row_number split_part starts_with stddev strftime string_agg substr sum time_bucket trim upper",
    operatorChars: "*+-%<>!=&|^/~?:",
    charSetCasts: false,
    doubleQuotedStrings: false,
});

const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.typeName], color: "var(--code-word)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
    { tag: tags.standard(tags.name), color: "var(--code-function)" },
    { tag: tags.comment, color: "var(--code-note)" },
]);

const looks = EditorView.theme({
    "&": { backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "0.8125rem" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.375rem", minHeight: "132px", maxHeight: "40vh" },
    ".cm-content": { padding: "10px 0", caretColor: "var(--ink)", fontVariantLigatures: "none" },
    ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-3)", border: "0", paddingLeft: "8px" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-bg)" },
    ".cm-tooltip": {
        backgroundColor: "var(--surface)",
        border: "1px solid var(--line)",
        borderRadius: "6px",
        color: "var(--ink)",
    },
    ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "14em" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
        backgroundColor: "var(--accent-bg)",
        color: "var(--accent)",
    },
    ".cm-completionDetail": { color: "var(--ink-3)", fontStyle: "normal" },
    ".cm-wrong": { textDecoration: "underline wavy var(--bad-fill)", textUnderlineOffset: "4px" },
});

const set_mark = StateEffect.define<{ from: number; to: number } | null>();
const wrong = Decoration.mark({ class: "cm-wrong" });
const marks = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(now, tr) {
        for (const e of tr.effects)
            if (e.is(set_mark))
                return e.value ? Decoration.set(wrong.range(e.value.from, e.value.to)) : Decoration.none;
        return tr.docChanged ? Decoration.none : now; // what was wrong may be mended
    },
    provide: (f) => EditorView.decorations.from(f),
});

function language(tables: Tables): Extension {
    const schema = { dialect, schema: tables, defaultTable: Object.keys(tables)[0] };
    const lang = sql({ dialect }).language;
    return [
        lang,
        lang.data.of({ autocomplete: schemaCompletionSource(schema) }),
        lang.data.of({ autocomplete: keywordCompletionSource(dialect, false) }),
    ];
}

// Who types over a choice of coloured words: Chromium would give the new letter the colour of the old ones by a style of
// its own, which our policy forbids and the console tells. So the letter is put there here, as the editor would have.
function type_over(e: InputEvent, view: EditorView): boolean {
    const { from, to, empty } = view.state.selection.main;
    if (e.inputType !== "insertText" || e.data === null || empty || view.composing) return false;
    const text = e.data;
    const plain = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type" });
    e.preventDefault();
    if (!view.state.facet(EditorView.inputHandler).some((take) => take(view, from, to, text, plain)))
        view.dispatch(plain());
    return true;
}

// The word at a place; a place at the end of a line is the letter before it.
function span_of(state: EditorState, place: Place): { from: number; to: number } | null {
    if (place.line > state.doc.lines) return null;
    const line = state.doc.line(place.line);
    const at = Math.min(line.from + Math.max(0, place.col - 1), line.to);
    const word = /^[\w.]+/.exec(state.sliceDoc(at, line.to))?.[0].length ?? 1;
    const from = at === line.to ? Math.max(line.from, at - 1) : at;
    const to = Math.min(line.to, Math.max(from + 1, at + word));
    return from < to ? { from, to } : null;
}

export function make_editor(host: HTMLElement, w: Wishes): Editor {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const known = new Compartment(),
        named = new Compartment();
    const label_of = (text: string) => EditorView.contentAttributes.of({ "aria-label": text });
    const press = () => {
        closeCompletion(view);
        w.run();
        return true;
    };
    const view = new EditorView({
        root,
        parent: root,
        state: EditorState.create({
            doc: w.text,
            extensions: [
                Prec.highest(keymap.of([{ key: "Mod-Enter", run: press }])),
                keymap.of([{ key: "Tab", run: acceptCompletion }]),
                keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
                lineNumbers(),
                history(),
                closeBrackets(),
                bracketMatching(),
                autocompletion({ icons: false }),
                syntaxHighlighting(colours),
                marks,
                looks,
                EditorView.lineWrapping,
                EditorView.domEventHandlers({ beforeinput: type_over }),
                known.of(language({})),
                named.of(label_of(w.label)),
                EditorView.updateListener.of((u) => u.docChanged && w.changed(u.state.doc.toString())),
            ],
        }),
    });
    return {
        set: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
        insert: (text) => {
            view.dispatch(view.state.replaceSelection(text));
            view.focus();
        },
        tables: (tables) => view.dispatch({ effects: known.reconfigure(language(tables)) }),
        mark: (place) => view.dispatch({ effects: set_mark.of(place && span_of(view.state, place)) }),
        label: (text) => view.dispatch({ effects: named.reconfigure(label_of(text)) }),
        focus: () => view.focus(),
        destroy: () => view.destroy(),
    };
}
