// mistake_rows.h: each mistake of the site file, its place, its sentence and its way out: one row each. For two tests:
// that the site says them (mistake_test.c), and that all of them are said in Japanese (web/said_test.c).
//
//     #define COUNT(name) n += ARRAY_LEN(name##_rows);
//     MISTAKE_TABLES(COUNT)
#pragma once
#include "base/base.h"

struct mistake_row { const char *text, *want; };    // a file, and what is said of it: a line each; "" = nothing

// Four lines of a site, then eight with a service; what is tried follows from line 5, or as keys of web from 9.
#define TOP         "site: kotori\n"                                                                        \
                    "zones: {a: {net: 10.0.1.0/24}, c: {net: 10.0.2.0/24}}\n"                               \
                    "hosts: {app1: {zone: a, address: 10.0.1.11}, app2: {zone: c, address: 10.0.2.11},\n"   \
                    "        app3: {zone: c, address: www.example}}\n"
#define SERVICE     TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /var/www/web\n"
#define WEB         SERVICE "    servers: {canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}\n"

// Behind keys of web.
#define LOG         "log: {datasets: {access: {from: {web: {on: [app1, app2, app3], path: /x}}},\n"    \
                    "                 few: {from: {web: {on: [app1], path: /y}}}}}\n"

static const struct mistake_row what_is_right_has_no_mistakes_rows[] = {
    {TOP, ""},
    {WEB, ""},
    {"site: kotori\n", ""},
    {"site: kotori\nhosts:\nservices:\n", ""},
    {"\xEF\xBB\xBFsite: kotori # a BOM\n", ""},
    {"---\nsite: kotori\n...\n", ""},
    {"{site: kotori, web: {}}", ""},
    {WEB "    on_push: ask\n    branch: feature/login\n    keep: \"7\"\n", ""},
    {WEB "    restart: {systemd: kotori-web}\n    health: {path: /up?full=1, via: ssh}\n", ""},
    {WEB "    restart: {unicorn: USR2, pid: /run/unicorn.pid}\n", ""},
    {WEB "    restart: {node: HUP, unit: kotori}\n", ""},
    {WEB "    migrate: {run: [bin/console migrate], on: app2}\n", ""},
    {WEB "    build: {run: [[sh, -c, \"a && b | c\"], npm ci]}\n", ""},
    {WEB "    build: {run: npm ci}\n", ""},
    {WEB "    windows: {allow: [\"Mon-Thu, Sat 10:00-12:00, 13:00-18:00\", Sun], freeze: [2028-02-29]}\n", ""},
    {WEB "notifiers: {team_chat: {webhook: \"https://chat.example/x\", secret: chat}, log: {command: logger -t x}}\n", ""},
    {WEB "    canary: {log: access}\n" LOG, ""},
    {WEB "    canary: {log: access, warmup: 0s, min: 0s, max: 1m, alpha: 0.05%, odds: 1.25, latency: 3, floor: 10%,\n"
     "             on_fail: ask, on_unclear: rollback}\n" LOG, ""},
    {"site: a\nweb: {listen: \"0.0.0.0:7070\", plain_ok: true}\n", ""},
    {"site: a\nweb: {listen: \"[::1]:7070\", hooks: \"0.0.0.0:7071\"}\n", ""},
    {"site: a\nweb: {proxies: [10.0.1.5, \"2001:db8::5\"]}\n", ""},
    {"site: a\nweb: {sso: {from: [10.0.1.5], header: X-Remote-User, secret: web_proxy, role: viewer}}\n", ""},
    {"site: a\nweb: {oidc: {issuer: \"https://id.example/realms/a\", client_id: rusuban, claim: realm_access.roles, "
     "roles: {admin: [ops], viewer: [\"All staff\"]}, role: viewer, domains: [example.com]}}\n", ""},
    {"site: a\nzones: {a: }\nhosts: {h: {zone: a, address: \"2001:db8::1\", ssh: {port: 2211, user: _deploy.x}, "
     "root: /srv/h, cores: 2, memory: 3.75G}}\n", ""},
};

static const struct mistake_row a_canary_needs_lines_to_be_judged_by_and_others_beside_it_rows[] = {
    {WEB "    canary: {}\n", "10:5: canary: log is missing; for example log: access"},
    {WEB "    canary: {log: access}\n", "10:19: log: there is no dataset \"access\"; log: {datasets: {access: ...}} "
     "at the top of this file says which lines are read"},
    {WEB "    canary: {log: acces}\n" LOG, "10:19: log: there is no dataset \"acces\"; did you mean \"access\"?"},
    {WEB "    canary: {log: few}\n" LOG, "10:19: log: dataset few has no lines of app2, which is a host of this "
     "service; name the host under log.datasets, or leave the key canary out"},
    {SERVICE "    servers: {web: {hosts: [app1]}}\n    canary: {log: access}\n" LOG, "10:19: canary: servers have "
     "no group canary; name its hosts, servers: {canary: {hosts: [app1]}, ...}, or leave the key canary out"},
    {SERVICE "    servers: {canary: {hosts: [app1]}}\n    canary: {log: access}\n" LOG, "10:19: canary: there are no "
     "hosts beside it that it could be compared with; leave the key canary out, or have a second group of servers"},
    {WEB "    canary: {log: access, min: 3m, max: 2m}\n" LOG,
     "10:19: canary: min is longer than max; at max it ends, clear or not"},
    {WEB "    canary: {log: access, alpha: 1}\n" LOG, "10:34: alpha: expected a percentage such as 1% or 0.2%, got \"1\""},
    {WEB "    canary: {log: access, alpha: 20%}\n" LOG, "10:34: alpha: 20% is out of bounds; 0.01% to 10%"},
    {WEB "    canary: {log: access, alpha: 0.001%}\n" LOG,
     "10:34: alpha: expected a percentage such as 1% or 0.2%, got \"0.001%\""},
    {WEB "    canary: {log: access, odds: 2x}\n" LOG, "10:33: odds: expected a number such as 2 or 1.3, got \"2x\""},
    {WEB "    canary: {log: access, odds: 1}\n" LOG, "10:33: odds: 1 is out of bounds; 1.2 to 10"},
    {WEB "    canary: {log: access, on_fail: stop}\n" LOG, "10:36: on_fail: expected rollback or ask, got \"stop\""},
    {WEB "    canary: {log: access, sticky: true}\n" LOG, "10:27: \"sticky\" is not part of this version; leave it out for now"},
};

static const struct mistake_row keys_that_are_not_right_rows[] = {
    {WEB "    kepe: 5\n", "10:5: unknown key \"kepe\"; did you mean \"keep\"?"},
    {WEB "    colour: red\n", "10:5: unknown key \"colour\""},
    {WEB "    expect: 204\n", "10:5: unknown key \"expect\"; it belongs under \"health\""},
    {WEB "    docroot: public\n", "10:5: unknown key \"docroot\""},
    {"site: k\nservice: {}\n", "2:1: unknown key \"service\"; did you mean \"services\"?"},
    {"hosts: {}\n", "1:1: site is missing; for example site: kotori"},
    {"", "1:1: site is missing; for example site: kotori"},
    {"# nothing yet\n", "1:1: site is missing; for example site: kotori"},
    {TOP "services:\n  web: {}\n",
     "6:3: web: deploy_to is missing; for example deploy_to: /var/www/web\n"
     "6:3: web: repository is missing; for example repository: git@forge.example:kotori/web.git\n"
     "6:3: web: servers is missing; for example servers: {web: {hosts: [app1]}}"},
    {"site: k\nzones: {a: {}}\nhosts: {app1: {}}\n",
     "3:9: app1: address is missing; for example address: 10.0.1.11\n"
     "3:9: app1: zone is missing; for example zone: a"},
    {WEB "    health: {pth: /up}\n", "10:14: unknown key \"pth\"; did you mean \"path\"?"},
    {"site: k\nweb: {oidc: {issuer: \"http://localhost:9/\", client_id: x}}\n",
     "2:22: issuer: \"http://localhost:9/\" is not the https:// address of a provider; "
     "for example https://id.example, as its own configuration says it"},
    {"site: k\nweb: {oidc: {client_id: x, role: admin}}\n",
     "2:7: oidc: issuer is missing; for example issuer: https://id.example\n"
     "2:34: role: expected none, viewer, analyst or developer, got \"admin\""},
    {"site: k\nweb: {oidc: {issuer: \"https://id.example\", client_id: x, claim: \"a b\"}}\n",
     "2:65: claim: \"a b\" is not the name of a claim; groups, realm_access.roles, https://example.com/roles"},
    {WEB "    health: {port: 81}\n", "10:5: health: path is missing; for example path: /up"},
    {WEB "    keep: 4\n    keep: 6\n", "11:5: \"keep\" stands here twice; the first is on line 10"},
    {"site: k\nsite: l\n", "2:1: \"site\" stands here twice; the first is on line 1"},
    {WEB "  web: {}\n", "10:3: \"web\" stands here twice; the first is on line 6"},
    {WEB "    drain: {haproxy: x}\n", "10:5: \"drain\" is not part of this version; leave it out for now"},
    {WEB "    transport: auto\n", "10:5: \"transport\" is not part of this version; leave it out for now"},
    {WEB "    assets: {}\n    purge: {}\n",
     "10:5: \"assets\" is not part of this version; leave it out for now\n"
     "11:5: \"purge\" is not part of this version; leave it out for now"},
    {WEB "    build: {user: builder}\n",
     "10:13: \"user\" is not part of this version; leave it out for now"},
    {WEB "    restart: {php_fpm: reload, docroot: public}\n",
     "10:32: \"docroot\" is not part of this version; leave it out for now"},
    {"site: k\ngateway: {}\ndatabases: {}\n",
     "2:1: \"gateway\" is not part of this version; leave it out for now\n"
     "3:1: \"databases\" is not part of this version; leave it out for now"},
};

static const struct mistake_row datasets_that_cannot_be_rows[] = {
    {"site: k\nlog: {datasets: {Access: {}}}\n",
     "2:18: \"Access\" is not the name of a dataset; a small letter, then small letters, digits and _, 32 at most, "
     "and not _bad at the end"},
    {"site: k\nlog: {datasets: {wal: {}}}\n",
     "2:18: \"wal\" is a name of the lake's own, so no dataset can have it; choose another name, for example wal_log"},
    {"site: k\nlog: {datasets: {a: {from: {w: {on: [app9], path: /a.log}}}}}\n",
     "2:38: on: \"app9\" is no host of this site"},
    {"site: k\nlog: {datasets: {a: {privacy: {ua: hide}}}}\n",
     "2:36: do: expected keep, drop, mask or hash, got \"hide\""},
    {"site: k\nlog: {datasets: {a: {format: combined, privacy: {remote_adr: mask}}}}\n",
     "2:50: privacy: combined lines have no label \"remote_adr\"; did you mean \"remote_addr\"?"},
    {"site: k\nlog: {datasets: {a: {privacy: {forwarded_for: mask, refererr: drop, request_id: hash, ua: drop}}}}\n",
     "2:32: privacy: no web server writes a label \"forwarded_for\", so this rule would hide nothing; did you mean "
     "\"forwardedfor\"? A label of your own says {do: ..., own: true}\n"
     "2:53: privacy: no web server writes a label \"refererr\", so this rule would hide nothing; did you mean "
     "\"referer\"? A label of your own says {do: ..., own: true}"},
    {"site: k\nlog: {datasets: {a: {watch: {notify: [chat], tolerance: 90}}}}\n",
     "2:39: notify: \"chat\" is no notifier of this site\n2:57: tolerance: 90 is out of bounds; 101 to 1000"},
};

static const struct mistake_row values_of_the_wrong_type_or_size_rows[] = {
    {"- site\n", "1:1: expected a map of keys, got a list"},
    {"site\n", "1:1: expected a map of keys, got \"site\""},
    {"site: [k]\n", "1:7: site: expected text, got a list"},
    {"site: {k: 1}\n", "1:7: site: expected text, got a map"},
    {"site:\n", "1:6: site: expected text, got nothing"},
    {"site: ~\n", "1:7: site: expected text, got nothing"},
    {"site: k\nhosts: [app1]\n", "2:8: hosts: expected a map of names, got a list"},
    {"site: k\nhosts: {app1: here}\n", "2:15: host app1: expected a map of keys, got \"here\""},
    {"site: k\nweb: 7070\n", "2:6: web: expected a map of keys, got \"7070\""},
    {"site: k\nservices: []\n", "2:11: services: expected a map of names, got a list"},
    {"site: k\nservices: web\n", "2:11: services: expected a map of names, got \"web\""},
    {"site: k\nhosts: \"\"\n", "2:8: hosts: expected a map of names, got \"\""},
    {"site: k\nservices: {web: /srv/web.git}\n",
     "2:17: service web: expected a map of keys, got \"/srv/web.git\""},
    {SERVICE "    servers: [app1]\n", "9:14: servers: expected a map of names, got a list"},
    {SERVICE "    servers: {web: [app1]}\n", "9:20: group web: expected a map of keys, got a list"},
    {WEB "    restart: php_fpm\n", "10:14: restart: expected a map of keys, got \"php_fpm\""},
    {WEB "    health: /up\n", "10:13: health: expected a map of keys, got \"/up\""},
    {WEB "    approve: always\n", "10:14: approve: expected a map of keys, got \"always\""},
    {WEB "    windows: [Sun]\n", "10:14: windows: expected a map of keys, got a list"},
    {WEB "    shared: storage\n", "10:13: shared: expected a map of keys, got \"storage\""},
    {WEB "    keep: many\n", "10:11: keep: expected a whole number, got \"many\""},
    {WEB "    keep: 5.0\n", "10:11: keep: expected a whole number, got \"5.0\""},
    {WEB "    keep: 1\n", "10:11: keep: 1 is out of bounds; 2 to 50"},
    {WEB "    keep: 51\n", "10:11: keep: 51 is out of bounds; 2 to 50"},
    {WEB "    keep: 99999999999999999999\n", "10:11: keep: expected a whole number, got \"99999999999999999999\""},
    {WEB "    build: {network: yes}\n",
     "10:22: network: expected true or false, got \"yes\"; did you mean \"true\"?"},
    {WEB "    build: {network: 1}\n", "10:22: network: expected true or false, got \"1\""},
    {WEB "    build: {timeout: 15}\n", "10:22: timeout: expected a duration such as 5s, 15m or 4h, got \"15\""},
    {WEB "    build: {timeout: 2d}\n", "10:22: timeout: 2d is out of bounds; 1s to 1d"},
    {WEB "    build: {memory: 2000}\n", "10:21: memory: expected a size such as 512M or 3.75G, got \"2000\""},
    {WEB "    build: {memory: 1M}\n", "10:21: memory: 1M is out of bounds; 64M to 1T"},
    {WEB "    build: {memory: 1.234G}\n", "10:21: memory: expected a size such as 512M or 3.75G, got \"1.234G\""},
    {WEB "    on_push: relase\n",
     "10:14: on_push: expected release, ask or off, got \"relase\"; did you mean \"release\"?"},
    {WEB "    approve: {when: maybe}\n", "10:21: when: expected unclear, always or never, got \"maybe\""},
    {WEB "    approve: {by: lead}\n", "10:19: by: expected a list, got \"lead\"; write [lead]"},
    {WEB "    scratch: [tmp, [a]]\n", "10:20: scratch: expected text in the list, got a list"},
    {WEB "    scratch: [tmp, tmp]\n", "10:20: scratch: \"tmp\" stands here twice"},
    {WEB "    health: {path: /up, port: 0}\n", "10:31: port: 0 is out of bounds; 1 to 65535"},
    {WEB "    health: {path: /up, port: 65536}\n", "10:31: port: 65536 is out of bounds; 1 to 65535"},
    {WEB "    branch: \"a\\tb\"\n", "10:13: branch: expected text on one line, got \"a\\x09b\""},
    {SERVICE "    servers: {}\n", "9:14: servers: at least 1 needed, got 0"},
    {SERVICE "    servers: {canary: {hosts: []}, web: {hosts: [app1]}}\n", "9:31: hosts: at least 1 needed, got 0"},
    {SERVICE "    servers: {web: {hosts: [app1], limit: 0}}\n",
     "9:43: limit: 0 would let no host through; leave the key out for all at once"},
    {SERVICE "    servers: {web: {hosts: [app1], limit: 0%}}\n",
     "9:43: limit: 0 would let no host through; leave the key out for all at once"},
    {SERVICE "    servers: {web: {hosts: [app1], limit: 101%}}\n",
     "9:43: limit: 101% is out of bounds; 1% to 100%"},
    {SERVICE "    servers: {web: {hosts: [app1], limit: half}}\n",
     "9:43: limit: expected a percentage such as 50%, or a number of hosts, got \"half\""},
    {SERVICE "    servers: {web: {hosts: [app1], wait: 2h}}\n", "9:42: wait: 2h is out of bounds; 0s to 1h"},
};

#define NAME_HINT "; a small letter, then small letters, digits and -, 32 at most"

static const struct mistake_row names_and_references_rows[] = {
    {"site: Kotori\n", "1:7: site: \"Kotori\" is not a name" NAME_HINT},
    {"site: k\nzones: {A: {}}\n", "2:9: \"A\" is not a name" NAME_HINT},
    {"site: k\nzones: {1a: {}}\n", "2:9: \"1a\" is not a name" NAME_HINT},
    {"site: k\nzones: {a-name-of-more-than-32-characters: {}}\n",
     "2:9: \"a-name-of-more-than-32-characters\" is not a name" NAME_HINT},
    {"site: k\nzones: {\"a\\n\\e[2J\\x9b\": 5}\n",
     "2:9: \"a\\x0a\\x1b[2J\\xc2\\x9b\" is not a name" NAME_HINT "\n"
     "2:25: zone a\\x0a\\x1b[2J\\xc2\\x9b: expected a map of keys, got \"5\""},
    {SERVICE "    servers: {web: {hosts: [app1]}}\n  plan:\n    repository: /srv/plan.git\n    deploy_to: /var/www/plan\n"
     "    servers: {web: {hosts: [app1]}}\n",
     "10:3: \"plan\" is a word of \"rusuban release\", so no service can have it; choose another name, for example plan-app"},
    {SERVICE "    servers: {web: {hosts: [ap1]}}\n",
     "9:29: hosts: \"ap1\" is no host of this site; did you mean \"app1\"?"},
    {SERVICE "    servers: {web: {hosts: ['ap\"p1']}}\n",
     "9:29: hosts: \"ap\"p1\" is no host of this site; did you mean \"app1\"?"},
    {SERVICE "    servers: {web: {hosts: ['a; b']}}\n", "9:29: hosts: \"a; b\" is no host of this site"},
    {"site: k\nzones: {east: {}}\nhosts: {h: {zone: eats, address: 10.0.0.1}}\n",
     "3:19: zone: \"eats\" is no zone of this site; did you mean \"east\"?"},
    {WEB "    notify: [team_chta]\nnotifiers: {team_chat: {command: logger}}\n",
     "10:14: notify: \"team_chta\" is no notifier of this site; did you mean \"team_chat\"?"},
    {WEB "    notify: [nobody]\n", "10:14: notify: \"nobody\" is no notifier of this site"},
    {"site: k\nnotifiers: {Chat: {command: logger}}\n",
     "2:13: \"Chat\" is not a name; a small letter, then small letters, digits, - and _, 32 at most"},
    {WEB "    webhook: {secret: \"s3cr3t value\"}\n",
     "10:23: secret: \"s3cr3t value\" is not a name; a small letter, then small letters, digits, - and _, 32 at most"},
    {WEB "    approve: {by: [\"-x\"]}\n",
     "10:20: by: \"-x\" is not a login name; a letter or _, then letters, digits, _ . and -, 32 at most"},
    {WEB "    build: {image: -v}\n",
     "10:20: image: \"-v\" is not the name of an image; for example kotori/build or registry.example/kotori/build:12"},
    {WEB "    migrate: {run: x, on: ap2}\n",
     "10:27: on: \"ap2\" is no host of this service; did you mean \"app2\"?"},
    {SERVICE "    servers: {one: {hosts: [app1]}, two: {hosts: [app2, app1]}}\n",
     "9:57: servers: \"app1\" is in two groups, one and two"},
    {"site: k\ntimezone: Asia/Tokio\n",
     "2:11: timezone: unknown timezone \"Asia/Tokio\"; a name such as Asia/Tokyo or UTC; /usr/share/zoneinfo lists them"},
    {"site: k\ntimezone: ../../etc/passwd\n",
     "2:11: timezone: unknown timezone \"../../etc/passwd\"; a name such as Asia/Tokyo or UTC; /usr/share/zoneinfo lists them"},
    {"site: k\nnotifiers: {chat: {}}\n", "2:13: notifier: one of command or webhook is needed"},
    {"site: k\nnotifiers: {chat: {command: x, webhook: \"https://a.example\"}}\n",
     "2:32: \"webhook\" cannot stand beside \"command\"; one of command or webhook"},
    {"site: k\nnotifiers: {chat: {command: x, secret: s}}\n", "2:32: \"secret\" has no meaning beside \"command\""},
    {"site: k\nnotifiers: {chat: {webhook: \"http://a.example\"}}\n",
     "2:29: webhook: \"http://a.example\" is not an https:// address; for example https://chat.example/hooks/releases"},
};

static const struct mistake_row addresses_and_zones_rows[] = {
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: 10.0.0.256}}\n",
     "3:31: address: \"10.0.0.256\" is neither an IP address nor a DNS name; for example 10.0.1.11, 2001:db8::11 or app1.example"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: -oProxyCommand=x}}\n",
     "3:31: address: \"-oProxyCommand=x\" is neither an IP address nor a DNS name; for example 10.0.1.11, 2001:db8::11 or app1.example"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: x, ssh: {user: -l}}}\n",
     "3:46: user: \"-l\" is not a login name; a letter or _, then letters, digits, _ . and -, 32 at most"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: x}, i: {zone: a, address: X}}\n",
     "3:57: address: \"X\" with ssh port 22 is host h already"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: \"::1\"}, i: {zone: a, address: \"0:0::1\"}}\n",
     "3:61: address: \"0:0::1\" with ssh port 22 is host h already"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: x}, i: {zone: a, address: x, ssh: {port: 23}}}\n", ""},
    {"site: k\nzones: {a: {net: 10.0.1.0/24}}\nhosts: {h: {zone: a, address: 10.0.2.1}}\n",
     "3:31: address: \"10.0.2.1\" is outside \"10.0.1.0/24\", the net of zone a"},
    {"site: k\nzones: {a: {net: 10.0.0.0/16}, b: {net: 10.0.3.0/24}}\n",
     "2:41: net: \"10.0.3.0/24\" overlaps \"10.0.0.0/16\" of zone a; an address lies in one zone"},
    {"site: k\nzones: {a: {net: \"2001:db8::/32\"}, b: {net: 10.0.3.0/24}}\n", ""},
    {"site: k\nzones: {a: {net: 10.0.1.5/24}}\n",
     "2:18: net: \"10.0.1.5/24\" has bits behind its /24; did you mean \"10.0.1.0/24\"?"},
    {"site: k\nzones: {a: {net: 10.0.1.0/33}}\n",
     "2:18: net: \"10.0.1.0/33\" is not a network; an address and how many of its bits count, for example 10.0.1.0/24"},
    {"site: k\nweb: {listen: 7070}\n",
     "2:15: listen: \"7070\" is not an address and a port; for example 127.0.0.1:7070 or [::1]:7070"},
    {"site: k\nweb: {listen: \"0.0.0.0:7070\"}\n",
     "2:15: listen: \"0.0.0.0:7070\" is open beyond this machine, and passwords would travel in the clear; "
     "put a web server with TLS in front of 127.0.0.1:7070, or say plain_ok: true"},
    {"site: k\nweb: {listen: \"127.0.0.1:70\", hooks: \"127.0.0.1:70\"}\n",
     "2:38: hooks: \"127.0.0.1:70\" is where listen is already"},
    {"site: k\nweb: {names: [\"*.example\"]}\n",
     "2:15: names: \"*.example\" is not a host name; for example www.example"},
};

#define SECOND(deploy) "  two:\n    repository: /srv/two.git\n    deploy_to: " deploy "\n    servers: {web: {hosts: [app2]}}\n"

static const struct mistake_row paths_rows[] = {
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: var/www\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"var/www\" is not an absolute path; it starts with /, for example /var/www/web"},
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"/\" is the root of the file system; choose a directory, for example /var/www/web"},
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /var/$x\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"/var/$x\" holds a character that is not allowed here, or is long; "
     "letters, digits and . _ / -, 512 at most"},
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /var/../etc\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"/var/../etc\" holds ..; write the path that it leads to"},
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /var//x\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"/var//x\" holds // or /./; write it without"},
    {TOP "services:\n  web:\n    repository: /srv/web.git\n    deploy_to: /var/x/\n    servers: {web: {hosts: [app1]}}\n",
     "8:16: deploy_to: \"/var/x/\" ends with a slash; leave it out"},
    {WEB SECOND("/var/www/web"),
     "12:16: deploy_to: \"/var/www/web\" is also the place of service web on \"app2\"; each service needs a directory of its own"},
    {WEB SECOND("/var/www/web/two"),
     "12:16: deploy_to: \"/var/www/web/two\" and the place of service web on \"app2\"; one lies inside the other"},
    {WEB SECOND("/var/www"),
     "12:16: deploy_to: \"/var/www\" and the place of service web on \"app2\"; one lies inside the other"},
    {WEB SECOND("/var/www/web2"), ""},
    {SERVICE "    servers: {web: {hosts: [app1]}}\n" SECOND("/var/www/web"), ""},
    {WEB "    scratch: [/tmp]\n",
     "10:15: scratch: \"/tmp\" is an absolute path; it is relative to the release, for example storage"},
    {WEB "    scratch: [../tmp]\n", "10:15: scratch: \"../tmp\" holds ..; write the path that it leads to"},
    {WEB "    exclude: [\"*.log\"]\n",
     "10:15: exclude: \"*.log\" holds a character that is not allowed here, or is long; "
     "letters, digits and . _ / - @ +, 512 at most; no patterns"},
    {WEB "    exclude: [-rf]\n",
     "10:15: exclude: \"-rf\" has a part that starts with -; programs would take it for an option; rename it"},
    {WEB "    scratch: [\"\"]\n",
     "10:15: scratch: \"\" is no path; it is relative to the release, for example storage"},
    {WEB "    shared: {dirs: [storage]}\n    scratch: [storage/tmp]\n",
     "11:15: scratch: \"storage/tmp\" lies within \"storage\" of shared dirs; each path has one owner"},
    {WEB "    shared: {dirs: [var/log]}\n    scratch: [var]\n",
     "10:21: shared dirs: \"var/log\" lies within \"var\" of scratch; each path has one owner"},
    {WEB "    shared: {dirs: [a], files: [a/b, c]}\n    exclude: [c]\n",
     "10:33: shared files: \"a/b\" lies within \"a\" of shared dirs; each path has one owner\n"
     "10:38: shared files: \"c\" lies within \"c\" of exclude; each path has one owner"},
    {WEB "    shared: {dirs: [storage, storage-2]}\n", ""},
    {WEB "    health: {path: up}\n", "10:20: path: \"up\" does not start with /; for example /up"},
    {WEB "    health: {path: \"/a b\"}\n",
     "10:20: path: \"/a b\" holds a character that no URL holds; write it as %XX"},
    {"site: k\nzones: {a: {}}\nhosts: {h: {zone: a, address: x, root: srv}}\n",
     "3:40: root: \"srv\" is not an absolute path; it starts with /, for example /var/www/web"},
};

#define FROM(repository) TOP "services:\n  web:\n    deploy_to: /x\n    servers: {web: {hosts: [app1]}}\n    repository: " repository "\n"
#define FORMS " is not a repository that can be fetched safely; ssh://user@host/path, https://host/path, user@host:path or an absolute path"

static const struct mistake_row repositories_and_branches_rows[] = {
    {FROM("ssh://git@forge.example:2222/kotori/web.git"), ""},
    {FROM("https://forge.example/kotori/web.git"), ""},
    {FROM("git@forge.example:kotori/web.git"), ""},
    {FROM("\"ext::sh -c whoami\""), "9:17: repository: \"ext::sh -c whoami\"" FORMS},
    {FROM("http://forge.example/web.git"), "9:17: repository: \"http://forge.example/web.git\"" FORMS},
    {FROM("file:///srv/web.git"), "9:17: repository: \"file:///srv/web.git\"" FORMS},
    {FROM("web.git"), "9:17: repository: \"web.git\"" FORMS},
    {FROM("--upload-pack=x"), "9:17: repository: \"--upload-pack=x\"" FORMS},
    {FROM("ssh://-oProxyCommand=x/web.git"), "9:17: repository: \"ssh://-oProxyCommand=x/web.git\"" FORMS},
    {FROM("git@-oProxyCommand=x:web.git"), "9:17: repository: \"git@-oProxyCommand=x:web.git\"" FORMS},
    {FROM("https://kato:hunter2@forge.example/web.git"),
     "9:17: repository: an https:// address with a user or password inside; anybody may read this file; "
     "use ssh with a deploy key: git@forge.example:kotori/web.git"},
    {WEB "    branch: a..b\n",
     "10:13: branch: \"a..b\" is not a branch: it holds .. or @{; the name as \"git branch\" shows it, for example main"},
    {WEB "    branch: refs/heads/main\n",
     "10:13: branch: \"refs/heads/main\" is a full reference; did you mean \"main\"?"},
    {WEB "    branch: -f\n",
     "10:13: branch: \"-f\" is not a branch: it starts with a dash; the name as \"git branch\" shows it, for example main"},
};

#define SHELL(c) "10:14: run: " c " means something to a shell, and no shell reads this; " \
                 "put it into a script in the repository, or say openly [sh, -c, \"...\"]"

static const struct mistake_row commands_and_restarts_rows[] = {
    {WEB "    build:\n      run: [npm ci && npm test]\n",
     "11:13: run: & means something to a shell, and no shell reads this; "
     "put it into a script in the repository, or say openly [sh, -c, \"...\"]"},
    {WEB "    build:\n      run: [npm ci; npm test]\n",
     "11:13: run: ; means something to a shell, and no shell reads this; "
     "put it into a script in the repository, or say openly [sh, -c, \"...\"]"},
    {WEB "    build:\n      run: ['npm ci \"a']\n",
     "11:13: run: \" means something to a shell, and no shell reads this; "
     "put it into a script in the repository, or say openly [sh, -c, \"...\"]"},
    {WEB "    migrate: {on: app1, run: \"a > b\"}\n",
     "10:30: run: > means something to a shell, and no shell reads this; "
     "put it into a script in the repository, or say openly [sh, -c, \"...\"]"},
    {WEB "    migrate: {on: app1, run: []}\n", "10:30: run: an empty command"},
    {WEB "    migrate: {on: app1, run: \"  \"}\n", "10:30: run: an empty command"},
    {WEB "    migrate: {on: app1, run: {a: b}}\n",
     "10:30: run: expected a command (a list of words, or one string), got a map"},
    {WEB "    migrate: {on: app1, run: [a, [b]]}\n", "10:34: run: expected a word in the list, got a list"},
    {WEB "    migrate: {on: app1, run: [FOO=1 bin/x]}\n",
     "10:31: run: \"FOO=1\" is no program; variables are set by env: env FOO=1 ..."},
    {WEB "    migrate: {on: app1, run: [bin/x all, now]}\n",
     "10:30: run: \"bin/x all\" is no program: it holds a blank; each word is an entry of its own, or the whole command is one string"},
    {WEB "    build: {run: [sh, -c, ls]}\n",
     "10:23: run: \"-c\" is no program; a command begins with its program; one command as a list inside a list: [[sh, -c, \"...\"]]"},
    {WEB "    restart: {}\n",
     "10:5: restart: one of php_fpm, unicorn, puma, node, systemd or command is needed"},
    {WEB "    restart: {pid: /run/x.pid}\n",
     "10:5: restart: one of php_fpm, unicorn, puma, node, systemd or command is needed"},
    {WEB "    restart: {php_fpm: reload, systemd: x}\n",
     "10:32: \"systemd\" cannot stand beside \"php_fpm\"; one of php_fpm, unicorn, puma, node, systemd or command"},
    {WEB "    restart: {php_fpm: restart}\n", "10:24: php_fpm: expected reload, got \"restart\""},
    {WEB "    restart: {puma: HUP, pid: /run/p.pid}\n", "10:21: puma: expected USR1 or USR2, got \"HUP\""},
    {WEB "    restart: {unicorn: USR2}\n",
     "10:5: restart: pid or unit is missing; for example pid: /run/app.pid, the file that holds the process to signal"},
    {WEB "    restart: {node: HUP, pid: /run/n.pid, unit: n}\n",
     "10:49: restart: pid and unit both say where the process is; leave one of them out"},
    {WEB "    restart: {systemd: x, pid: /run/x.pid}\n", "10:27: \"pid\" has no meaning beside \"systemd\""},
    {WEB "    restart: {systemd: \"--now\"}\n",
     "10:24: systemd: \"--now\" is not the name of a systemd unit; for example php8.2-fpm or kotori-web.service"},
    {WEB "    restart: {command: \"kill -HUP $PID\"}\n",
     "10:24: command: $ means something to a shell, and no shell reads this; "
     "put it into a script in the repository, or say openly [sh, -c, \"...\"]"},
    {WEB "    restart: {phpfpm: reload}\n",
     "10:15: unknown key \"phpfpm\"; did you mean \"php_fpm\"?"},
};

#define WINDOW_HINT "; for example \"Mon-Thu 10:00-18:00\""
#define FREEZE_HINT "; first and last day, for example \"2026-12-28/2027-01-04\""

static const struct mistake_row windows_and_freezes_rows[] = {
    {WEB "    windows: {allow: [Montag 10:00-18:00]}\n",
     "10:23: allow: \"Montag 10:00-18:00\" is not a window: days are Mon Tue Wed Thu Fri Sat Sun, or a range such as Mon-Thu" WINDOW_HINT},
    {WEB "    windows: {allow: [Mon 10-18]}\n",
     "10:23: allow: \"Mon 10-18\" is not a window: hours look like 10:00-18:00" WINDOW_HINT},
    {WEB "    windows: {allow: [\"Mon 10:00-24:01\"]}\n",
     "10:23: allow: \"Mon 10:00-24:01\" is not a window: hours look like 10:00-18:00" WINDOW_HINT},
    {WEB "    windows: {allow: [\"Mon 10:00-10:00\"]}\n",
     "10:23: allow: \"Mon 10:00-10:00\" is not a window: it ends when it starts; for the whole day leave the hours out" WINDOW_HINT},
    {WEB "    windows: {allow: [\"10:00-11:00 Mon\"]}\n",
     "10:23: allow: \"10:00-11:00 Mon\" is not a window: days come before the hours" WINDOW_HINT},
    {WEB "    windows: {allow: [\", \"]}\n", "10:23: allow: \", \" is not a window: it is empty" WINDOW_HINT},
    {WEB "    windows: {freeze: [2026-02-29]}\n",
     "10:24: freeze: \"2026-02-29\" is not a freeze: a date looks like 2026-12-28 and must be in the calendar" FREEZE_HINT},
    {WEB "    windows: {freeze: [2027-01-04/2026-12-28]}\n",
     "10:24: freeze: \"2027-01-04/2026-12-28\" is not a freeze: it ends before it starts" FREEZE_HINT},
    {WEB "    windows: {freeze: [28.12.2026]}\n",
     "10:24: freeze: \"28.12.2026\" is not a freeze: a date looks like 2026-12-28 and must be in the calendar" FREEZE_HINT},
};

static const struct mistake_row yaml_that_is_refused_rows[] = {
    {"site: &a k\n", "1:7: anchors (&a) are not allowed here; write the value out at each place"},
    {"site: k\ntimezone: *a\n",
     "2:11: aliases (*name) are not allowed here; write the value out; text that starts with * needs quotes"},
    {"site: !!str k\n",
     "1:7: tags are not allowed here, got \"tag:yaml.org,2002:str\"; leave the tag out; each key knows the type of its value"},
    {"site: k\nweb:\n  <<: {plain_ok: true}\n", "3:3: merge keys (<<) are not allowed here; write the keys out"},
    {"site: k\n---\nsite: l\n", "2:1: a second document starts here; one file describes one site; leave --- out"},
    {"site: k\n? [a, b]\n: c\n",
     "2:3: a key must be a word, not a list or map; text that starts with { or [ needs quotes"},
    {"site: k\n\thosts: {}\n",
     "2:1: this is not YAML: found a tab character that violates indentation while scanning a plain scalar that starts on line 1; indent with blanks, never tabs"},
    {"site: @k\n",
     "1:7: this is not YAML: found character that cannot start any token; indent with blanks, never tabs; text that starts with @, % or ` needs quotes"},
    {"site: a: b\n",
     "1:8: this is not YAML: mapping values are not allowed in this context; a value that holds \": \" needs quotes; is the indent right?"},
    {"site: \"k\n", "2:1: this is not YAML: found unexpected end of stream while scanning a quoted scalar that starts on line 1; a quote is not closed"},
    {"site: [k\n", "2:1: this is not YAML: did not find expected ',' or ']' while parsing a flow sequence that starts on line 1; a [ is not closed; or text in it needs quotes"},
    {"site: k\xFF\n", "1:8: this is not UTF-8 text; save the file as UTF-8"},
    {"site: k # \xE3\x81\x82\xE3\x81\n", "1:12: this is not UTF-8 text; save the file as UTF-8"},
    {"site: k\n# \xE3\x81\x82 \x01\n", "2:5: this is not YAML: control characters are not allowed; only tabs and line ends may stand beside visible characters"},
};

#define MISTAKE_TABLES(EACH)                                                                            \
    EACH(what_is_right_has_no_mistakes) EACH(a_canary_needs_lines_to_be_judged_by_and_others_beside_it) \
    EACH(keys_that_are_not_right) EACH(datasets_that_cannot_be) EACH(values_of_the_wrong_type_or_size)  \
    EACH(names_and_references) EACH(addresses_and_zones) EACH(paths) EACH(repositories_and_branches)    \
    EACH(commands_and_restarts) EACH(windows_and_freezes) EACH(yaml_that_is_refused)
