#include "house/hostkey.h"
#include "base/test.h"

#define ED "AAAAC3NzaC1lZDI1NTE5AAAAICu5shnsTUFELz7OAjghCQbF5yaw+CfU7nq9oDYvrmAu"
#define EC \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBN6bCNyOcZ8Vc+ji2VQhguV5L3dVPjc65ApTCV7Mnn+Mrkpy" \
    "QVBFz/CSpM+X8Ueb/+yBdHHhd0kbhKAka4Bc7q4="

TEST(fingerprints_are_those_of_ssh_keygen)
{
    static const struct { struct str line, fingerprint; } rows[] = {
        {S("app1 ssh-ed25519 " ED), S("SHA256:nGc468WBCvmSWif/W0eIIPDOgLerU5L8MFAl36S9M7o")},
        {S("app1 ecdsa-sha2-nistp256 " EC " a comment\r"), S("SHA256:crVcH6qPafRvoRIwHn6haKQ/CLFeH0FNy7zsd6uGps4")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct hostkey key;
        struct str name;
        CHECK(hostkey_parse(&a, rows[i].line, &name, &key));
        CHECK_STR(name, S("app1"));
        CHECK_STR(key.fingerprint, rows[i].fingerprint);
    }
}

TEST(what_is_not_a_key_is_no_key)
{
    static const struct str lines[] = {
        S(""), S("app1"), S("app1 ssh-ed25519"), S("# app1 ssh-ed25519 " ED), S("app1 ssh-dss " ED),
        S("app1 ssh-rsa " ED), S("app1 ssh-ed25519 " EC), S("app1 ssh-ed25519 A" ED), S("app1 ssh-ed25519 AAAA"),
        S("app1 ssh-ed25519 " ED "!"), S("@cert-authority * ssh-ed25519 " ED),
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct hostkey key;
        struct str name;
        if (hostkey_parse(&a, lines[i], &name, &key))
            test_failed(__FILE__, __LINE__, "row %zu was taken", i);
    }
}

TEST(the_better_key_of_the_named_host)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct hostkeys keys = {0};
    hostkey_collect(&a,
                    S("# app1:22 SSH-2.0\n[a]:2211 ecdsa-sha2-nistp256 " EC "\n[a]:2211 ssh-ed25519 " ED
                      "\nb ssh-ed25519 " ED "\n"),
                    hostkey_name(&a, S("a"), 2211), &keys);
    CHECK_INT(keys.n, 2);
    CHECK_STR(hostkey_best(&keys)->type, S("ssh-ed25519"));
    CHECK_STR(hostkey_name(&a, S("10.0.0.1"), 22), S("10.0.0.1"));
    CHECK(hostkey_best(&(struct hostkeys){0}) == NULL);
}
