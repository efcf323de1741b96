// rights.mjs: asks every route as everybody. SPEC LINKS API SOCKET; see rights.sh.
import { readFileSync } from "node:fs";
import http from "node:http";

// Who has a right, written down a second time.
const may = {
    public: ["nobody", "viewer", "analyst", "developer", "admin"],
    see: ["viewer", "analyst", "developer", "admin"],
    self: ["viewer", "analyst", "developer", "admin"],
    own: ["viewer", "analyst", "developer", "admin"],
    log_read: ["analyst", "developer", "admin"],
    release_start: ["developer", "admin"],
    release_approve: ["developer", "admin"],
    release_stop: ["developer", "admin"],
    lock_set: ["developer", "admin"],
    admin: ["admin"],
    people: ["admin"],
};
// What no token may, each row by its name: a new row has to be thought about here.
const notForTokens = [
    "DELETE /session", "POST /step-up", "PUT /me", "POST /me/password", "GET /sessions", "DELETE /sessions/{id}",
    "GET /tokens", "POST /tokens", "DELETE /tokens/{id}", "PUT /people/{name}", "DELETE /people/{name}",
    "POST /invites"];

const [specFile, linksFile, api, socketPath] = process.argv.slice(2);
const [host, port] = api.split(":");
const spec = JSON.parse(readFileSync(specFile, "utf8"));
const links = readFileSync(linksFile, "utf8").trim().split("\n");
const kept = () => new http.Agent({ keepAlive: true, maxSockets: 4 });
const agents = { tcp: kept(), socket: kept() };

function ask(method, path, { headers = {}, body, socket = false } = {}) {
    const text = method === "GET" ? undefined : JSON.stringify(body ?? {});
    const options = {
        ...(socket ? { socketPath } : { host, port }), method, path: `/api/v1${path}`,
        agent: socket ? agents.socket : agents.tcp,
        headers: { Host: api, ...(text && { "Content-Type": "application/json", "Content-Length": text.length }),
            ...headers },
    };
    return new Promise((resolve, reject) => {
        const request = http.request(options, (answer) => {
            let said = "";
            answer.setEncoding("utf8");
            const told = () => resolve({ status: answer.statusCode, headers: answer.headers, said });
            answer.on("data", (piece) => {
                said += piece;
                // A stream that never ends has answered the question.
                if (/^text\/event-stream/.test(answer.headers["content-type"] ?? "")) { told(); request.destroy(); }
            });
            answer.on("end", told);
        });
        request.on("error", reject);
        request.end(text);
    });
}

const page = (cookie) => ({ Cookie: cookie, Origin: `http://${api}`, "Sec-Fetch-Site": "same-origin" });
const password = "words that only a test knows";

async function enter(link) {
    const token = link.split("/").pop();
    const answer = await ask("POST", `/invites/${token}`, { body: { password } });
    if (answer.status !== 201) throw new Error(`an invitation was refused: ${answer.said}`);
    return { role: JSON.parse(answer.said).role, cookie: answer.headers["set-cookie"][0].split(";")[0] };
}

async function tokenOf(cookie) {
    const answer = await ask("POST", "/tokens", { headers: page(cookie), body: { name: "matrix" } });
    if (answer.status !== 201) throw new Error(`no token: ${answer.said}`);
    return JSON.parse(answer.said).token;
}

const askers = [{ name: "nobody", role: "nobody", way: "none", headers: {} },
    { name: "the owner by the socket", role: "admin", way: "socket", headers: {}, socket: true }];
for (const link of links) {
    const { role, cookie } = await enter(link);
    askers.push({ name: `${role} by a session`, role, way: "session", headers: page(cookie) });
    const token = { Authorization: `Bearer ${await tokenOf(cookie)}` };
    askers.push({ name: `${role} by a token`, role, way: "token", headers: token });
    const word = { ...page(""), "X-Remote-User": role, "Rusuban-Proxy-Secret": "between the two of us" };
    delete word.Cookie;
    askers.push({ name: `${role} by a proxy`, role, way: "proxy", headers: word });
}

// Nothing here may do harm to who comes next: nobody signs out, and ids and names are of things that are not there.
const harmless = (path) => path.replace("{id}", "999999999").replace(/\{[a-z_]+\}/g, "nothere");
const endsTheSession = (method, path) => method === "DELETE" && path === "/session";

// Another token is a way out where one may do it, and nowhere else.
const isWayOut = (said, forTokens) =>
    (JSON.parse(said).error.hint ?? "").includes("a token of that role") === forTokens;

let asked = 0, wrong = 0;
for (const [full, methods] of Object.entries(spec.paths)) {
    for (const [lower, row] of Object.entries(methods)) {
        const method = lower.toUpperCase(), right = row["x-right"];
        if (right === "hook") continue;
        const path = full.replace(/^\/api\/v1/, "");
        if (!may[right]) {
            console.log(`${method} ${path}: nobody said here who has the right "${right}"`);
            wrong++;
            continue;
        }
        for (const asker of askers) {
            if (endsTheSession(method, path) && asker.way === "session") continue;
            const key = { "Idempotency-Key": `matrix-${asked}-0123456789abcdef`.slice(0, 40) };
            const headers = { ...asker.headers, ...key };
            const answer = await ask(method, harmless(path), { headers, socket: asker.socket });
            const allowed = may[right].includes(asker.role)
                && !(asker.way === "token" && notForTokens.includes(`${method} ${path}`));
            // A public route may say 401 itself (a wrong password); that is not the guard's word.
            const letIn = right === "public" ? true : ![401, 403].includes(answer.status);
            const fits = allowed ? letIn : answer.status === (asker.role === "nobody" ? 401 : 403)
                && (asker.way !== "token" || isWayOut(answer.said, !notForTokens.includes(`${method} ${path}`)));
            asked++;
            if (!fits) {
                const said = `${answer.status} ${answer.said.slice(0, 200)}`;
                console.log(`${method} ${path} (${right}), asked by ${asker.name}: ${said}`);
                wrong++;
            }
        }
    }
}
console.log(`${asked} questions, ${wrong} wrong`);
process.exit(wrong || asked < 200 ? 1 : 0);
