// keep.ts: what this browser remembers between visits. A browser that forbids it (or is full) just forgets.
const prefix = "rusuban.";

export function recall(name: string): string | null {
    try {
        return localStorage.getItem(prefix + name);
    } catch {
        return null;
    }
}

export function remember(name: string, value: string): void {
    try {
        localStorage.setItem(prefix + name, value);
    } catch {
        // It holds until the page is left, then.
    }
}

export function forget(name: string): void {
    try {
        localStorage.removeItem(prefix + name);
    } catch {
        // There was nothing to forget.
    }
}
