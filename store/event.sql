-- Which changes pages are told, and what they are told: each connection of ours makes these triggers for itself
-- (store/tell.c). So nobody who changes a row can forget its event, after a kill there is neither one without the
-- other, and a newer program tells more without a change of the schema. What somebody mends by hand with another tool
-- is not told.
--
-- A body is sent beside `topic`, `subject` and `at` of its event, so it has none of these names: what a release calls
-- its subject, the first line of its commit, is its `title` here.

create temp trigger event_release_queued after insert on main.release
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'release', new.service || '/' || new.number, 'release.queued',
        json_object('service', new.service, 'number', new.number, 'kind', new.kind, 'state', new.state,
            'why', new.why, 'asked_by', new.asked_by, 'title', new.subject));
end;

create temp trigger event_release_state
    after update of state, why, aborting, warnings, rev, tree, started_at on main.release
    when (old.state, old.why, old.aborting, old.warnings, old.rev, old.tree, old.started_at)
        is not (new.state, new.why, new.aborting, new.warnings, new.rev, new.tree, new.started_at)
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'release', new.service || '/' || new.number, 'release.state',
        json_object('service', new.service, 'number', new.number, 'kind', new.kind, 'state', new.state,
            'why', new.why, 'aborting', nullif(new.aborting, ''), 'rev', nullif(new.rev, ''), 'title', new.subject));
end;

create temp trigger event_release_done after update of ended_at on main.release
    when old.ended_at is null and new.ended_at is not null
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'release', new.service || '/' || new.number, 'release.done',
        json_object('service', new.service, 'number', new.number, 'kind', new.kind, 'state', new.state,
            'why', new.why, 'took_ms', new.ended_at - new.started_at));
end;

create temp trigger event_step_begun after insert on main.release_step
begin
    insert into event (at, topic, subject, kind, body)
        select new.intent_at, 'release', r.service || '/' || r.number, 'release.step',
            json_object('service', r.service, 'number', r.number, 'state', new.state, 'host', nullif(new.host, ''),
                'step', new.step, 'attempt', new.attempt, 'result', new.result, 'detail', new.detail)
        from release r where r.id = new.release;
end;

create temp trigger event_step after update of done_at, result, detail on main.release_step
    when (old.done_at, old.result, old.detail) is not (new.done_at, new.result, new.detail)
begin
    insert into event (at, topic, subject, kind, body)
        select cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
            'release', r.service || '/' || r.number, 'release.step',
            json_object('service', r.service, 'number', r.number, 'state', new.state, 'host', nullif(new.host, ''),
                'step', new.step, 'attempt', new.attempt, 'result', new.result, 'detail', new.detail)
        from release r where r.id = new.release;
end;

create temp trigger event_approval after insert on main.approval
begin
    insert into event (at, topic, subject, kind, body)
        select new.at, 'release', r.service || '/' || r.number, 'release.answer',
            json_object('service', r.service, 'number', r.number, 'who', new.who, 'answer', new.answer,
                'note', new.note)
        from release r where r.id = new.release;
end;

create temp trigger event_host_new after insert on main.release_host
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'host', new.service || '/' || new.host, 'host.state',
        json_object('service', new.service, 'host', new.host, 'current', new.current, 'error', nullif(new.error, ''),
            'out_by', nullif(new.out_by, ''), 'out_reason', nullif(new.out_reason, '')));
end;

-- Not for being seen again as it was.
create temp trigger event_host after update of current, error, out_by, out_reason on main.release_host
    when (old.current, old.error, old.out_by, old.out_reason)
        is not (new.current, new.error, new.out_by, new.out_reason)
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'host', new.service || '/' || new.host, 'host.state',
        json_object('service', new.service, 'host', new.host, 'current', new.current, 'error', nullif(new.error, ''),
            'out_by', nullif(new.out_by, ''), 'out_reason', nullif(new.out_reason, '')));
end;

create temp trigger event_lock_set after insert on main.lock
begin
    insert into event (at, topic, subject, kind, body) values (
        new.since, 'lock', new.service, 'lock.set',
        json_object('service', new.service, 'number', (select number from release where id = new.release),
            'reason', new.reason, 'author', new.author));
end;

create temp trigger event_lock_lifted after update of lifted_at on main.lock
    when old.lifted_at is null and new.lifted_at is not null
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'lock', new.service, 'lock.lifted',
        json_object('service', new.service, 'number', (select number from release where id = new.release),
            'lifted_by', new.lifted_by));
end;

create temp trigger event_alarm_raised after insert on main.log_alarm
begin
    insert into event (at, topic, subject, kind, body) values (
        new.raised_at, 'alarm', new.dataset, 'alarm.raised',
        json_object('id', new.id, 'dataset', new.dataset, 'page', new.page, 'rule', new.rule,
            'now_p95_ms', new.now_p95, 'past_p95_ms', nullif(new.past_p95, -1)));
end;

create temp trigger event_alarm_closed after update of closed_at on main.log_alarm
    when old.closed_at is null and new.closed_at is not null
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'alarm', new.dataset, 'alarm.closed',
        json_object('id', new.id, 'dataset', new.dataset, 'page', new.page, 'rule', new.rule));
end;

create temp trigger event_role_new after insert on main.role
begin
    insert into event (at, topic, subject, kind, body) values (
        new.since, 'house', new.name, 'role.state',
        json_object('name', new.name, 'state', new.state, 'restarts', new.restarts, 'why', nullif(new.why, '')));
end;

create temp trigger event_role after update of state, pid on main.role
begin
    insert into event (at, topic, subject, kind, body) values (
        new.since, 'house', new.name, 'role.state',
        json_object('name', new.name, 'state', new.state, 'restarts', new.restarts, 'why', nullif(new.why, '')));
end;

-- People: who may what, who is invited. Never their passwords, sessions or tokens.
create temp trigger event_person_new after insert on main.account
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'people', new.name, 'person.joined', json_object('name', new.name, 'role', new.role));
end;

create temp trigger event_person after update of role, services, seen on main.account
    when (old.role, old.services, old.seen) is not (new.role, new.services, new.seen)
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'people', new.name, 'person.changed', json_object('name', new.name, 'role', new.role));
end;

create temp trigger event_person_gone after delete on main.account
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'people', old.name, 'person.removed', json_object('name', old.name));
end;

create temp trigger event_invite_new after insert on main.invite when new.name <> ''
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'people', new.name, 'person.invited', json_object('name', new.name, 'role', new.role));
end;

create temp trigger event_invite_gone after delete on main.invite when old.name <> ''
begin
    insert into event (at, topic, subject, kind, body) values (
        cast(round((julianday('now') - 2440587.5) * 86400000) as integer),
        'people', old.name, 'person.uninvited', json_object('name', old.name));
end;
