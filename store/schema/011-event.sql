-- What changed, for pages that are open: a ring of the newest 100,000 changes of the last 24 hours (store/event.h).
--
-- Rows are written in the transaction of the change they tell, most of them by triggers (store/event.sql).

create table event (
    seq     integer primary key autoincrement,      -- without gaps, never given twice
    at      integer not null,                       -- ms
    topic   text not null,                          -- release, lock, host, alarm, house, site, people: who may see it
    subject text not null,                          -- web/1482
    kind    text not null,                          -- release.step
    body    text not null                           -- one JSON object
) strict;

-- The oldest rows go now and then. Only the oldest are looked at for their age, so a clock that jumped costs nothing.
create trigger event_ring after insert on event when new.seq % 256 = 0
begin
    delete from event where seq <= new.seq - 100000;
    delete from event where seq <= (select max(seq) from (select seq, at from event order by seq limit 1000)
        where at < new.at - 86400000);
end;
