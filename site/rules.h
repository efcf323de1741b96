// rules.h: what a single text may be. Each rule answers false with the reason in *e, told so that "key: " can
// stand before it, and the way out as its hint. None looks at anything but the text (and rule_timezone at the
// system's list of zones).
#pragma once
#include "base/base.h"

// name.c: words that people choose
bool rule_name(struct str s, struct err *e);            // [a-z][a-z0-9-]{0,31}
bool rule_service(struct str s, struct err *e);         // a name that is no verb of `rusuban release`
bool rule_label(struct str s, struct err *e);           // secrets, notifiers: a name that may also hold _
bool rule_header(struct str s, struct err *e);          // of HTTP: [A-Za-z0-9-]{1,64}
bool rule_field(struct str s, struct err *e);           // labels of log lines, query parameters: [A-Za-z0-9_.-]{1,64}
bool rule_claim(struct str s, struct err *e);           // of a sign-in's token: a field, or an address
bool rule_dataset(struct str s, struct err *e);         // [a-z][a-z0-9_]{0,31}, and a name of SQL
bool rule_user(struct str s, struct err *e);
bool rule_image(struct str s, struct err *e);
bool rule_unit(struct str s, struct err *e);            // of systemd
bool rule_timezone(struct str s, struct err *e);

// address.c: where machines are
bool rule_address(struct str s, struct err *e);         // IPv4, IPv6 or DNS name
bool rule_literal(struct str s, struct err *e);         // IPv4 or IPv6
bool rule_host_name(struct str s, struct err *e);       // DNS name
bool rule_net(struct str s, struct err *e);             // 10.0.1.0/24
bool rule_listen(struct str s, struct err *e);          // 127.0.0.1:7070, [::1]:7070
bool listen_is_loopback(struct str listen);
// The same machine written in two ways gives the same text (upper case, long IPv6).
struct str address_plain(struct arena *a, struct str address);
bool address_is_literal(struct str address);
bool net_holds(struct str net, struct str address);     // both checked; false for DNS names
bool nets_overlap(struct str a, struct str b);

// path.c: where files are
bool rule_absolute(struct str s, struct err *e);        // /var/www/web
bool rule_relative(struct str s, struct err *e);        // storage/logs
bool rule_place(struct str s, struct err *e);           // either of the two
bool rule_url_path(struct str s, struct err *e);        // /up?full=1
bool path_within(struct str inner, struct str outer);   // the same or below it

// repository.c: where code comes from
bool rule_repository(struct str s, struct err *e);
bool rule_branch(struct str s, struct err *e);
bool rule_https(struct str s, struct err *e);
bool rule_issuer(struct str s, struct err *e);          // https, and neither query nor fragment

// window.c: when a release may start
bool rule_window(struct str s, struct err *e);          // Mon-Thu 10:00-18:00
bool rule_freeze(struct str s, struct err *e);          // 2026-12-28/2027-01-04
