// address.c: rules for IPv4, IPv6 and DNS names, the networks of zones, and the addresses that we listen on.
#include "site/reading.h"
#include "site/rules.h"
#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_MAX = 253 };     // of a DNS name (RFC 1035, 2.3.4); literals are shorter

struct ip {
    int family;                 // AF_INET, AF_INET6, or 0
    unsigned char bytes[16];
    unsigned bits;              // 32, 128
};

static struct ip ip_of(struct str s)
{
    char z[INET6_ADDRSTRLEN + 1];
    struct ip ip = {0};
    if (s.n == 0 || s.n >= sizeof z || memchr(s.p, 0, s.n))
        return ip;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    if (inet_pton(AF_INET, z, ip.bytes) == 1)
        return (ip.family = AF_INET, ip.bits = 32, ip);
    if (inet_pton(AF_INET6, z, ip.bytes) == 1)
        return (ip.family = AF_INET6, ip.bits = 128, ip);
    return (struct ip){0};
}

static bool all_digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n == s.n;
}

// RFC 1123, 2.1: letters, digits and inner hyphens. The last label is never all digits, so 127.0.0.256 is no name.
static bool dns_name(struct str s)
{
    bool digits = true;
    if (s.n == 0 || s.n > ADDRESS_MAX || s.p[s.n - 1] == '.')
        return false;
    for (struct str rest = s; rest.n;) {
        struct str label = str_cut(&rest, '.');
        if (!str_plain(label, "-") || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
            return false;
        digits = all_digits(label);
    }
    return !digits;
}

bool rule_literal(struct str s, struct err *e)
{
    if (ip_of(s).family)
        return true;
    err_set(e, ERR_INPUT, "%s is not an IP address", shown(s).z);
    return err_hint(e, "for example 10.0.1.5 or 2001:db8::5; a range would trust machines that are not there yet");
}

bool rule_address(struct str s, struct err *e)
{
    if (ip_of(s).family || dns_name(s))
        return true;
    err_set(e, ERR_INPUT, "%s is neither an IP address nor a DNS name", shown(s).z);
    return err_hint(e, "for example 10.0.1.11, 2001:db8::11 or app1.example");
}

bool rule_host_name(struct str s, struct err *e)
{
    if (dns_name(s) || ip_of(s).family == AF_INET)
        return true;
    err_set(e, ERR_INPUT, "%s is not a host name", shown(s).z);
    return err_hint(e, "for example www.example");
}

bool address_is_literal(struct str address)
{
    return ip_of(address).family != 0;
}

struct str address_plain(struct arena *a, struct str address)
{
    struct ip ip = ip_of(address);
    char z[INET6_ADDRSTRLEN];
    if (ip.family)
        return str_dup(a, str_z(inet_ntop(ip.family, ip.bytes, z, sizeof z)));
    char *low = str_zdup(a, address);
    for (char *p = low; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + ('a' - 'A'));
    return str_z(low);
}

struct net { struct ip base; unsigned prefix; };

static void clear_host_bits(struct net *n)
{
    for (unsigned bit = n->prefix; bit < n->base.bits; bit++)
        n->base.bytes[bit / 8] &= (unsigned char)~(0x80u >> (bit % 8));
}

static bool net_of(struct str s, struct net *out)
{
    struct str prefix = s;
    uint64_t bits;
    *out = (struct net){.base = ip_of(str_cut(&prefix, '/'))};
    if (!out->base.family || prefix.n > 3 || !str_u64(prefix, &bits) || bits > out->base.bits)
        return false;
    out->prefix = (unsigned)bits;
    return true;
}

bool rule_net(struct str s, struct err *e)
{
    struct net n;
    if (!net_of(s, &n)) {
        err_set(e, ERR_INPUT, "%s is not a network", shown(s).z);
        return err_hint(e, "an address and how many of its bits count, for example 10.0.1.0/24");
    }
    struct ip given = n.base;
    char z[INET6_ADDRSTRLEN];
    clear_host_bits(&n);
    if (memcmp(given.bytes, n.base.bytes, sizeof given.bytes) == 0)
        return true;
    err_set(e, ERR_INPUT, "%s has bits behind its /%u", shown(s).z, n.prefix);
    return err_hint(e, "did you mean \"%s/%u\"?", inet_ntop(n.base.family, n.base.bytes, z, sizeof z), n.prefix);
}

static bool same_head(const struct ip *a, const struct ip *b, unsigned bits)
{
    struct net x = {*a, bits}, y = {*b, bits};
    if (a->family != b->family)
        return false;
    clear_host_bits(&x);
    clear_host_bits(&y);
    return memcmp(x.base.bytes, y.base.bytes, sizeof x.base.bytes) == 0;
}

bool net_holds(struct str net, struct str address)
{
    struct net n;
    struct ip ip = ip_of(address);
    return net_of(net, &n) && same_head(&n.base, &ip, n.prefix);
}

bool nets_overlap(struct str a, struct str b)
{
    struct net x, y;
    if (!net_of(a, &x) || !net_of(b, &y))
        return false;
    return same_head(&x.base, &y.base, x.prefix < y.prefix ? x.prefix : y.prefix);
}

// Cuts 127.0.0.1:7070 and [::1]:7070.
static bool listen_of(struct str s, struct ip *ip, uint64_t *port)
{
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ':')
            colon = (ptrdiff_t)i;
    if (colon < 0)
        return false;
    struct str host = str_head(s, (size_t)colon), digits = str_from(s, (size_t)colon + 1);
    bool bracketed = str_starts(host, S("[")) && str_ends(host, S("]"));
    if (bracketed)
        host = str_head(str_from(host, 1), host.n - 2);
    *ip = ip_of(host);
    return ip->family == (bracketed ? AF_INET6 : AF_INET) && digits.n <= 5 && str_u64(digits, port)
        && *port >= 1 && *port <= 65535;
}

bool rule_listen(struct str s, struct err *e)
{
    struct ip ip;
    uint64_t port;
    if (listen_of(s, &ip, &port))
        return true;
    err_set(e, ERR_INPUT, "%s is not an address and a port", shown(s).z);
    return err_hint(e, "for example 127.0.0.1:7070 or [::1]:7070");
}

bool listen_is_loopback(struct str listen)
{
    static const unsigned char six[16] = {[15] = 1};
    struct ip ip;
    uint64_t port;
    if (!listen_of(listen, &ip, &port))
        return false;
    return ip.family == AF_INET ? ip.bytes[0] == 127 : memcmp(ip.bytes, six, sizeof six) == 0;
}
