// request.ts: a question to the releaser: it has a number at once and its answer a moment later.
import { act, ApiError, get } from "./api";
import type { Answered } from "./answers";
import { say } from "./words";

const first_ms = 100,
    slower = 1.5,
    most_ms = 2000,
    patience_ms = 120_000;

function pause(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms));
}

function failed(a: Answered): ApiError {
    const told = { place: null, details: [], retry_after_s: null, request: null };
    return new ApiError(409, { ...told, code: a.code ?? "state", message: a.error!, hint: a.hint });
}

export async function question<T>(path: string, body: object, left: () => boolean): Promise<T> {
    const { request } = await act<{ request: number }>("POST", path, body);
    const end = Date.now() + patience_ms;
    for (let ms = first_ms; !left() && Date.now() < end; ms = Math.min(ms * slower, most_ms)) {
        await pause(ms);
        const a = (await get<Answered>(`/requests/${request}`)).data;
        if (a.error) throw failed(a);
        if (a.done) return a.answer as T;
    }
    const told = { place: null, details: [], retry_after_s: null, request: null, hint: "rusuban status" };
    throw new ApiError(0, { ...told, code: "late", message: say("question.late") });
}
