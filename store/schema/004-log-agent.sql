-- Hosts that may ship their logs: `rusuban log enroll HOST`.

create table log_agent (
    host        text primary key,
    secret_hash blob not null,      -- keyed BLAKE2b of the secret in the host's token
    enrolled_at integer not null,   -- ms
    revoked_at  integer             -- ms; null = valid
) strict, without rowid;
