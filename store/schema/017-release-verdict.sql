-- What came of judging the canary: not_worse, worse, not_clear, or unknown (there was nothing to judge by). '' = nobody did.
alter table release add column verdict text not null default '';
