-- What the log server counts while it reads lines, and what the watcher makes of it. Times are ms since 1970, UTC, but where
-- minutes are said: whole minutes since 1970.

-- Pages of a dataset. A page that was folded into another one has its past counted with that one.
create table log_page (
    id integer primary key,
    dataset text not null,
    pattern text not null,
    source text not null default 'learned',     -- learned, person
    first_seen integer not null,
    merged_into integer references log_page (id),
    unique (dataset, pattern)
) strict;

-- One row holds all pages and hosts of a minute, an hour, a day (UTC): log/minute.h says how. Kept 48 hours, 35 days, 400 days.
create table log_minute (dataset text not null, minute integer not null, pages blob not null, hosts blob not null,
    primary key (dataset, minute)) strict;
create table log_hour (dataset text not null, minute integer not null, pages blob not null, hosts blob not null,
    primary key (dataset, minute)) strict;
create table log_day (dataset text not null, minute integer not null, pages blob not null, hosts blob not null,
    primary key (dataset, minute)) strict;

-- Records of the write-ahead log below it are counted: they are never added twice.
create table log_mark (
    dataset text primary key,
    lsn integer not null,
    stored_at integer not null
) strict, without rowid;

create table log_alarm (
    id integer primary key,
    dataset text not null,
    page text not null,
    rule text not null,                     -- slower, far slower, errors, slow and new
    began_at integer not null,              -- when it got worse, as far as lines tell
    raised_at integer not null,
    last_at integer not null,               -- the last minute in which it was worse
    closed_at integer,
    now_p95 integer not null,               -- ms; of the minutes that were worse
    past_p95 integer not null,              -- -1: it has none
    requests integer not null,
    errors integer not null,
    past_errors real not null,              -- of a hundred requests
    hosts text not null,                    -- JSON: names
    release text not null default ''        -- JSON: the one that was switched on those hosts before it began
) strict;
create index log_alarm_open on log_alarm (dataset, page) where closed_at is null;
create index log_alarm_raised on log_alarm (raised_at);

-- For a release that looks at its canary (it writes traffic_want, the others are written for it).
create table traffic_want (
    service text not null,
    release integer not null,
    since integer not null,
    until integer,                          -- null: still open
    routes text not null,                   -- JSON: at most 64 pages; the others count as "other"
    sticky integer not null default 0,      -- clients are counted too
    primary key (service, release)
) strict, without rowid;
create table traffic (
    service text not null,
    minute integer not null,
    host text not null,
    route text not null,
    class integer not null,                 -- 2 to 5: first digit of the status; 0: the client gave up; 6: a short 200
    lat integer not null,                   -- 0 under 1 ms, else 1 + floor(8 log2 ms), at most 136
    n integer not null,                     -- only grows
    primary key (service, minute, host, route, class, lat)
) strict, without rowid;
create table traffic_client (
    service text not null,
    minute integer not null,
    host text not null,
    route text not null,
    clients integer not null,
    bad integer not null,
    primary key (service, minute, host, route)
) strict, without rowid;
create table traffic_mark (
    service text not null,
    host text not null,
    upto integer not null,                  -- its lines are complete until then
    primary key (service, host)
) strict, without rowid;
