-- Whose question it is, in a way that an account of the same name, or one that got the number of a dropped one, is not:
-- 'account 5 1795413600000', 'token 7 ...', 'uid 1000'. '' = asked before this column was there: nobody's.
alter table request add column asker text not null default '';
