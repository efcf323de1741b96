-- What is in a release: written once, when git has fetched it, and never changed. release/changes.h says how the lists
-- look.
create table release_changes (
    release integer primary key references release (id),
    commits text not null,                  -- JSON: the newest of those since the release before
    files text not null,                    -- JSON: the first of those that differ, by path
    files_total integer not null,
    added integer not null,                 -- lines
    removed integer not null
) strict;
