// dialog.tsx: a modal dialog: the browser traps the focus, closes it on Escape and gives the focus back.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export function Dialog({
    label,
    close,
    kind = "",
    children,
}: {
    label: string;
    close: () => void;
    kind?: string;
    children: ComponentChildren;
}) {
    const ref = useRef<HTMLDialogElement>(null);
    useLayoutEffect(() => {
        const d = ref.current!;
        const before = document.activeElement as HTMLElement | null;
        d.showModal();
        return () => {
            d.close();
            before?.focus?.();
        };
    }, []);
    const on_backdrop = (e: MouseEvent) => {
        if (e.target === ref.current) close();
    };
    return (
        <dialog
            ref={ref}
            class={`over ${kind}`}
            aria-label={label}
            onMouseDown={on_backdrop}
            onCancel={(e: Event) => {
                e.preventDefault();
                close();
            }}>
            {children}
        </dialog>
    );
}
