-- What {{day}} and its like in a kept question stand for until somebody says otherwise: JSON, {"day": "yesterday"}.
alter table log_saved add column params text not null default '{}';
