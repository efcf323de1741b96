-- Questions in SQL that people keep for each other. Times are ms since 1970, UTC.
create table log_saved (
    id integer primary key,
    name text not null unique,
    sql text not null,
    who text not null,                      -- whose it is: who may change it
    created_at integer not null,
    changed_at integer not null,
    rev integer not null default 1          -- counts changes
) strict;
