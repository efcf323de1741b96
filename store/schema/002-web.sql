-- What the web role remembers of requests that change something: an Idempotency-Key and the answer it got. The row
-- is written in the transaction of the effect, so there is never one without the other. Kept 24 hours.
create table idempotency (
    key text not null,              -- 16 to 64 of [A-Za-z0-9_-], made by the client for one press of a button
    who text not null,              -- a key is its maker's own: nobody else can replay it
    route text not null,            -- method and path: "POST /api/v1/releases"
    body_hash blob not null,        -- BLAKE2b-256 of the body
    status integer not null,
    body text not null,             -- the answer, byte for byte
    at integer not null,            -- milliseconds since 1970
    primary key (key, who)
) strict, without rowid;
create index idempotency_at on idempotency (at);
