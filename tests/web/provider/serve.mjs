// serve.mjs: a real OpenID Connect provider (oidc-provider, certified by the OpenID Foundation) on loopback, by TLS.
//
//     node serve.mjs DIR MODULES PORT KEY REDIRECT     DIR has tls.key, tls.pem and KEY.key, which signs
//
// Who comes is whoever the browser says (X-User), as if the right password had been typed. DIR/deed, when it is there,
// is what somebody in the middle does to the next token: "expired" or "audience", signed by the provider's own key.
// Below /big, /away, /slow and others are providers of bad faith.
import { readFileSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createPrivateKey } from "node:crypto";
import https from "node:https";
import { pathToFileURL } from "node:url";

const [dir, modules, port, key, redirect] = process.argv.slice(2);
const from = createRequire(`${modules}/x.js`);
const { default: Provider } = await import(pathToFileURL(from.resolve("oidc-provider")));
const { SignJWT, decodeJwt } = await import(pathToFileURL(from.resolve("jose")));

const issuer = `https://127.0.0.1:${port}`;
const jwk = { ...createPrivateKey(readFileSync(`${dir}/${key}.key`)).export({ format: "jwk" }), kid: key,
    alg: "RS256", use: "sig" };

const people = {
    tanaka: { preferred_username: "Tanaka", email: "tanaka@example.com", email_verified: true,
        groups: ["staff", "dev"] },
    suzuki: { preferred_username: "suzuki@example.com", email: "suzuki@example.com", email_verified: true,
        groups: ["staff"] },
    guest: { preferred_username: "guest", email: "guest@example.com", email_verified: true, groups: [] },
    stranger: { preferred_username: "stranger", email: "stranger@elsewhere.example", email_verified: true,
        groups: ["staff"] },
    unsure: { preferred_username: "unsure", email: "unsure@example.com", email_verified: false, groups: ["staff"] },
    mori: { preferred_username: "mori", email: "mori@example.com", email_verified: true, groups: ["dev"] },
    kato: { preferred_username: "kato", email: "kato@example.com", email_verified: true, groups: ["ops"] },
    odd: { preferred_username: "Robert'); drop", email: "<odd>@example.com", email_verified: true, groups: ["staff"] },
};
// Changes to a person while we run: DIR/people.json
const changed = () => (existsSync(`${dir}/people.json`) ? JSON.parse(readFileSync(`${dir}/people.json`, "utf8")) : {});

const provider = new Provider(issuer, {
    clients: [{ client_id: "rusuban", client_secret: "plum blossom & 100%", redirect_uris: [redirect],
        grant_types: ["authorization_code"], response_types: ["code"] }],
    jwks: { keys: [jwk] },
    cookies: { keys: ["only a test knows"] },
    claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"],
        groups: ["groups"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => {
        const name = id.replace(/^sub-/, "");
        const claims = { ...people[name], ...changed()[name] };
        return people[name] && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
    loadExistingGrant: async (ctx) => {
        const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope("openid profile email groups");
        await grant.save();
        return grant;
    },
    pkce: { required: () => true },
    ttl: { IdToken: 300, AccessToken: 300, AuthorizationCode: 60, Session: 3600, Grant: 3600, Interaction: 600 },
});

const deeds = {
    expired: (claims) => ({ ...claims, iat: claims.iat - 900, exp: claims.iat - 600 }),
    audience: (claims) => ({ ...claims, aud: "another-house" }),
};
async function meddle(ctx) {
    const deed = existsSync(`${dir}/deed`) ? readFileSync(`${dir}/deed`, "utf8").trim() : "";
    if (!deeds[deed] || !ctx.body?.id_token) return;
    rmSync(`${dir}/deed`);
    const claims = deeds[deed](decodeJwt(ctx.body.id_token));
    ctx.body.id_token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key })
        .sign(createPrivateKey({ key: jwk, format: "jwk" }));
}

provider.use(async (ctx, next) => {
    if (ctx.path.startsWith("/interaction/")) {
        const user = ctx.get("x-user");
        await provider.interactionFinished(ctx.req, ctx.res, people[user]
            ? { login: { accountId: `sub-${user}` } } : { error: "access_denied", error_description: "<b>no</b>" });
        ctx.respond = false;
        return;
    }
    await next();
    if (ctx.path === "/token") await meddle(ctx);
});

const about = (name, more) => JSON.stringify({ issuer: `${issuer}/${name}`,
    authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, ...more });
const badFaith = {
    big: (response) => response.end(about("big", { more: "x".repeat(4 << 20) })),
    away: (response) => response.writeHead(302, { Location: `${issuer}/.well-known/openid-configuration` }).end(),
    slow: (response) => {
        response.write("{");
        const drip = setInterval(() => response.write(" "), 200);
        response.on("close", () => clearInterval(drip));
    },
    inside: (response) => response.end(about("inside", { token_endpoint: `https://127.0.0.2:${port}/token` })),
    plain: (response) => response.end(about("plain", { jwks_uri: "http://127.0.0.1:1/jwks" })),
    other: (response) => response.end(about("else")),
};

const tls = { key: readFileSync(`${dir}/tls.key`), cert: readFileSync(`${dir}/tls.pem`) };
const callback = provider.callback();
https.createServer(tls, (request, response) => {
    const bad = badFaith[request.url.split("/")[1]];
    if (bad) bad(response);
    else callback(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
