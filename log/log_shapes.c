// log_shapes.c: what the answers about logs look like.
#include "log/log.h"

const struct shape log_shapes[] = {
    {"Column", "name: text, type: text", "of a table"},
    {"Table",
     "table: text, dataset: text?, columns: [Column], rows: int?, bytes: int?, files: int?, from: time?, to: time?",
     "what a question may name, and how much of it there is"},
    {"QueryColumn", "name: text, type: text|whole|number|bool|json|timestamp",
     "a column of an answer, and what its cells are in JSON; timestamp: RFC 3339, or what is no moment"},
    {"Cost", "read_bytes: int, files: int, of_files: int", "how much a question would read"},
    {"Estimate", "...Cost, note: text?, columns: [QueryColumn]", "the same, and what its answer would look like"},
    {"QueryHead", "columns: [QueryColumn], note: text?, estimate: Cost?", "the first line of an answer in lines"},
    {"QueryDone", "done: {rows: int, more: bool, read_bytes: int, took_ms: int}",
     "the last line, without which an answer is not whole; more: the limit left rows out"},
    {"Saved", "id: int, name: text, sql: text, who: text, created_at: time, changed_at: time, rev: int,"
     " params: {*: text}",
     "a question that somebody keeps"},
    {"AlarmRelease", "service: text, number: int, subject: text, host: text, at: time",
     "what was switched on one of an alarm's hosts before it began"},
    {"Alarm",
     "id: int, dataset: text, page: text, rule: text, began_at: time, raised_at: time, last_at: time,"
     " closed_at: time?, p95_ms: int, past_p95_ms: int, requests: int, errors: int, past_errors_percent: number,"
     " hosts: [text], release: AlarmRelease?",
     "a page that was worse than its past; past_p95_ms is -1 where it has none"},
    {"Page",
     "id: int, page: text, requests: int, p50_ms: int?, p95_ms: int?, e4xx: int, e5xx: int, bytes: int",
     "a page in a span of time; null where no line says a time"},
    {"Pages", "dataset: text, since_ms: int, from: time, to: time, note: text?, pages: int, items: [Page], "
     "worse: [Alarm], next: int?",
     "all pages, the slowest first, from..to; note: that these are other times than those that were asked for, or which"
     " days there are when there is none"},
    {"PageHour",
     "at: time, requests: int, p95_ms: int?, e4xx: int, e5xx: int,"
     " past: {days: int, requests: number, p95_ms: int, e5xx: number}?",
     "an hour of a page, beside the same hours of days before"},
    {"Marker",
     "service: text, number: int, kind: release|rollback, target: int, subject: text, who: text, state: text, at: time,"
     " hosts: int", "when a release came to its first host"},
    {"PageShown", "id: int, page: text, dataset: text, hours: [PageHour], releases: [Marker], worse: [Alarm]",
     "one page hour by hour"},
    {"AlarmTold", "id: int, dataset: text, page: text, rule: text, now_p95_ms: int, past_p95_ms: int?",
     "a page that is worse than its past, on the home page"},
    {"LogItems", "alarm.raised: AlarmTold, alarm.closed: AlarmTold", "what logs put on the home page, by kind"},
    {"TrafficSide", "hosts: [text], requests: int, p50_ms: int?, p95_ms: int?, e4xx: int, e5xx: int",
     "what visitors got from some hosts; times are null where no line says one"},
    {"TrafficMinute",
     "at: time, canary_requests: int, canary_p95_ms: int?, others_requests: int, others_p95_ms: int?",
     "a minute before, in and behind the span that is compared"},
    {"Verdict",
     "answer: not_clear|not_worse|worse_errors|worse_client_errors|worse_times, risk: number, minutes: int,"
     " odds: number, latency: number, floor: number, wants: int?, canary_requests: int,"
     " canary_e5xx: int, others_requests: int, others_e5xx: int",
     "is the canary worse? risk: how often such an answer is wrong at most; odds, latency, floor: not worse is less"
     " than so many times the 5xx, or a smaller share of them, and less than so many times the time;"
     " wants: so many more requests of the canary may make it clear; of the minutes that were judged"},
    {"Traffic",
     "service: text, number: int, state: none|not_yet|no_log|too_short|too_old|no_lines|ok, dataset: text?,"
     " judged: bool, late: text?, late_since: time?, switched_at: time?, until: time?, from: time?, to: time?,"
     " canary: TrafficSide, others: TrafficSide,"
     " verdict: Verdict?, minutes: [TrafficMinute]",
     "the canary and the other hosts in the same whole minutes, from..to; until: the others got it, or it went back;"
     " judged: the release waits for the verdict; late: a host whose lines are behind, so far as late_since"},
    {"Tail", "topic: text, dataset: text, where: text?", "lines as they come, for PUT /live/{stream}"},
    {0}};
