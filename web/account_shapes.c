// account_shapes.c: what the answers about accounts look like.
#include "web/web.h"

#define ROLE        "nobody|viewer|analyst|developer|admin"
#define STANDING    "role: " ROLE ", services: [text]"      // services: none means all
#define LIKING      "language: en|ja?, theme: text, single_keys: bool"

const struct shape account_shapes[] = {
    {"SignedIn", "name: text, " STANDING ", " LIKING, "who signed in; the session is in the cookie"},
    {"Me",
     "name: text, " STANDING ", rights: [text], way: none|socket|session|token|proxy, account: bool, password: bool,"
     " stepped_up: bool, session: int?, " LIKING, "who asks, and what they may"},
    {"Provider", "name: text, start: text", "where people sign in too; start is the address that leads there"},
    {"Session", "id: int, name: text, from: text, agent: text, this: bool, created: time, seen: time",
     "where somebody is signed in"},
    {"Token",
     "id: int, name: text, owner: text, from: text?, over: bool, " STANDING ", created: time, expires: time,"
     " seen: time?", "a token, which is shown no more"},
    {"NewToken", "id: int, name: text, token: text, " STANDING ", expires: time", "a token, for the only time"},
    {"Person",
     "name: text, invited: bool, invited_by: text?, provider: text?, match: text?, " STANDING ", since: time,"
     " seen: time?, until: time?", "who has an account or is invited; match is what If-Match wants"},
    {"PersonSet", "name: text, " STANDING ", match: text", "what somebody may from now on"},
    {"NewInvite", "name: text, link: text, until: time", "a link that works once"},
    {"Invite", "name: text?, by: text, new_password: bool, " STANDING ", until: time", "what an invitation offers"},
    {"Deed",
     "seq: int, at: time, who: text, via: text, from: text?, verb: text, subject: text, before: text?, after: text?,"
     " ok: bool, hash: text", "a line of the audit log"},
    {"Verified", "ok: bool, lines: int?, head: text?, why: text?", "is the audit log as it was written?"},
    {0}};
