-- That a person stopped a release, and who and why: until here only the worker's sentence said so. A roll back's reason stood
-- in the lock alone that it leaves behind.
alter table release add column stopped text not null default '';    -- '', 'rejected', 'aborted'
alter table release add column stopped_by text not null default '';
alter table release add column reason text not null default '';     -- in the words of who went back or stopped it
update release set stopped = 'rejected', stopped_by = (select who from approval where release = release.id
    and answer = 'reject' order by approval.id desc limit 1)
    where state in ('rolling_back', 'rolled_back')
    and exists (select 1 from approval where release = release.id and answer = 'reject');
update release set stopped = 'aborted' where stopped = '' and why like 'aborted%' and ended_at is not null;
