-- Who may ask: accounts, their sessions, tokens, invitations, and who has to wait before the next try. Secrets are kept
-- as hashes only: argon2id of passwords, BLAKE2b-256 of what we made up ourselves. Times are ms since 1970, UTC.

create table account (
    id          integer primary key,
    name        text not null unique,
    role        text not null check (role in ('viewer', 'analyst', 'developer', 'admin')),
    services    text not null default '',   -- "web api": what it may act on; '' = all
    hash        text not null default '',   -- argon2id of the password
    language    text not null default 'en',
    theme       text not null default 'auto',
    single_keys integer not null default 1,
    created     integer not null,
    seen        integer not null default 0, -- the last sign-in
    rev         integer not null default 1  -- counts changes: If-Match
) strict;

create table session (
    id         integer primary key,
    hash       blob not null unique,        -- of the cookie
    account    integer not null references account (id) on delete cascade,
    created    integer not null,
    seen       integer not null,
    addr       text not null,
    agent      text not null,
    stepped_up integer not null             -- when its password was last typed
) strict;
create index session_account on session (account);

create table token (
    id        integer primary key,
    hash      blob not null unique,
    name      text not null,
    account   integer references account (id) on delete cascade,    -- null: made on the server itself
    owner     text not null,                -- whose it is
    role      text not null check (role in ('viewer', 'analyst', 'developer', 'admin')),
    services  text not null,
    created   integer not null,
    expires   integer not null,
    seen      integer not null default 0,
    seen_from text not null default ''
) strict;
create index token_account on token (account);

create table invite (
    hash     blob primary key,
    name     text not null,                 -- '' = the guest chooses
    role     text not null check (role in ('viewer', 'analyst', 'developer', 'admin')),
    services text not null,
    here     integer not null,              -- works from this machine only
    author   text not null,
    created  integer not null,
    expires  integer not null
) strict, without rowid;

create table throttle (                     -- tries that were not followed by a right one
    key   text primary key,                 -- "name:..." or "addr:..."
    tries integer not null,
    at    integer not null                  -- the last of them
) strict, without rowid;
