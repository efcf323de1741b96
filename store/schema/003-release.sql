-- Releases: what was asked, what was intended, what each host is known to hold. Times are ms since 1970, UTC.

-- The site file as it was when a release started: a run reads its own copy, so editing the file changes nothing under it.
create table site_text (
    hash text primary key,
    text text not null,
    at integer not null
);

create table release (
    id integer primary key,
    service text not null,
    number integer not null,
    kind text not null check (kind in ('release', 'rollback')),
    wanted text not null default '',        -- what was asked for: a revision; '' = the tip of the branch
    target integer not null,                -- the directory that becomes live: number, or what a rollback goes to
    rev text not null default '',
    tree text not null default '',
    branch text not null default '',
    subject text not null default '',
    author text not null default '',
    commits integer not null default 0,
    files integer not null default 0,
    changed integer not null default 0,
    bytes integer not null default 0,
    asked_by text not null,
    via text not null,                      -- cli, webhook
    override text not null default '',      -- the reason a person gave for starting in spite of lock or window
    state text not null,
    state_at integer not null,
    why text not null default '',           -- what it waits for, or why it ended so
    aborting text not null default '',      -- '', 'rollback' or 'leave': a person asked to stop
    base integer not null default 0,        -- what was live when it started
    site text not null references site_text (hash),
    warnings text not null default '',
    created_at integer not null,
    started_at integer,
    ended_at integer,
    unique (service, number)
);
create index release_open on release (state) where ended_at is null;

-- The journal: the row is written before the effect. done_at null after a crash = ask the world what happened.
create table release_step (
    id integer primary key,
    release integer not null references release (id),
    state text not null,
    host text not null default '',          -- '' = here
    step text not null,
    attempt integer not null,
    fence integer not null,
    intent_at integer not null,
    done_at integer,
    result text,                            -- ok, or the kind of error
    detail text not null default '',
    unique (release, host, step, attempt)
);

-- What was live on a host when a release first claimed it: where its roll back goes.
create table release_base (
    release integer not null references release (id),
    host text not null,
    base integer not null,
    primary key (release, host)
);

create table release_host (
    service text not null,
    host text not null,
    current integer not null default 0,     -- release directory that `current` points to; 0 = none; -1 = something else
    receipts text not null default '',      -- complete releases on the host, "1481 1482"
    fence integer not null default 0,
    free_bytes integer,
    seen_at integer,
    error text not null default '',         -- why the last attempt to reach it failed
    out_by text not null default '',
    out_reason text not null default '',
    primary key (service, host)
);

-- Two servers never share hosts by accident: a host obeys the server that it last obeyed, and another one only when a
-- person there has said `takeover`, and then only over the fences that were seen at that moment.
create table fence (
    service text primary key,
    number integer not null,                -- of our last run; every run counts on
    server text not null,                   -- our name on the hosts: random, new when one refuses us, and with every takeover
    over integer not null default 0,        -- fences of other servers up to this one are taken over
    above integer not null default 0        -- release numbers go on above this one, which a host held at a takeover
);

-- One running release per service. A dead owner keeps nothing: the next worker writes its own name here.
create table turn (
    service text primary key,
    release integer not null references release (id),
    owner text not null,
    since integer not null
);

create table lock (
    id integer primary key,
    service text not null,
    release integer references release (id),    -- null: nothing of the service starts; else this run goes no further
    reason text not null,
    author text not null,
    since integer not null,
    until integer,
    lifted_by text,
    lifted_at integer
);
create index lock_open on lock (service) where lifted_at is null;

create table approval (
    id integer primary key,
    release integer not null references release (id),
    who text not null,
    answer text not null check (answer in ('approve', 'reject')),
    note text not null default '',
    at integer not null
);

-- What a person wants of the worker and waits for: plan, look (ask the hosts), continue, rollback, leave.
create table request (
    id integer primary key,
    kind text not null,
    service text not null,
    release integer references release (id),
    args text not null default '{}',
    who text not null,
    at integer not null,
    taken_at integer,
    answered_at integer,
    answer text,                            -- JSON
    error text,
    error_kind text,
    hint text
);
create index request_open on request (at) where answered_at is null;

create table hook_inbox (
    id integer primary key,
    service text not null,
    event text not null,
    delivery text not null,
    signature text not null,
    body blob not null,
    at integer not null
);
create table hook_seen (
    service text not null,
    delivery text not null,
    at integer not null,
    primary key (service, delivery)
);
-- What became of each webhook, refusals too; the newest 1,000 are kept.
create table hook_log (
    id integer primary key,
    service text not null,
    delivery text not null,
    at integer not null,
    result text not null,
    detail text not null default ''
);
