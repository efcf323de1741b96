-- What people and their tokens did, each line bound to the one before: hash = BLAKE2b-256 of prev and the line's fields
-- (store/chain.c). Lines are only ever added.
create table audit (
    seq     integer primary key,        -- 1, 2, 3, ... without a gap
    at      integer not null,           -- ms since 1970
    who     text not null,
    via     text not null,              -- socket, session, token NAME, cli
    origin  text not null,              -- the address, or '' on this machine's socket
    verb    text not null,
    subject text not null,
    before  text not null,
    after   text not null,
    ok      integer not null,           -- 0: it was refused
    prev    blob not null,
    hash    blob not null
) strict;
