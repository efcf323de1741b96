-- What the house itself remembers: which roles run, sealed secrets, notices on their way.

create table role (                 -- written by whoever started the role
    name     text primary key,
    pid      integer not null,      -- 0 = no process
    state    text not null check (state in ('up', 'waiting', 'stopped')),
    since    integer not null,      -- ms; when this state began
    restarts integer not null default 0,
    why      text not null default ''       -- how its last process ended
) strict, without rowid;

create table secret (               -- the value is a secretbox under DIR/keys/ROLE.key
    name  text not null,
    role  text not null,
    nonce blob not null,
    box   blob not null,
    at    integer not null,         -- ms; when it was last set
    primary key (role, name)
) strict, without rowid;

create table notice (               -- one row per notifier; the watcher sends it
    id       integer primary key,
    at       integer not null,
    service  text not null,
    release  integer not null,      -- number of the release; 0 = none
    kind     text not null,         -- release.done, release.failed, ...
    body     text not null,         -- one JSON object
    notifier text not null,         -- name in the site file
    tries    integer not null default 0,
    next_at  integer,               -- due then; null = sent, or given up when sent_at is null too
    sent_at  integer,
    error    text                   -- of the last try
) strict;

create index notice_due on notice (next_at) where next_at is not null;
