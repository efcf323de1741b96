-- Who looks for the alarm of a page finds it without walking over all that ever were.
create index log_alarm_page on log_alarm (dataset, page, rule);
