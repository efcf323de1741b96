// edge.mjs: TLS in front of the API, as a web server would be: API KEY CERTIFICATE. Prints its port.
import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";

const [api, key, cert] = process.argv.slice(2);
const [host, port] = api.split(":");
const server = tls.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (from) => {
    const to = net.connect(Number(port), host);
    from.pipe(to).pipe(from);
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
});
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
