-- Lines of a host are complete from `since` (a release had asked for them by then) to `upto`.
alter table traffic_mark add column since integer not null default 0;
