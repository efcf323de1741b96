-- Refusals that got no line in the audit log, counted until their minute is over and the number becomes one
-- (web/refusals.h).
create table refused (
    who text not null,
    origin text not null,                   -- the network of strangers; '' = a person's own deeds
    more integer not null,
    primary key (who, origin)
) strict, without rowid;
