// blob_test.c: what an event looks like on its way, and that it lives as long as somebody sends it.
#include "base/test.h"
#include "web/blob.h"
#include <string.h>

static struct str sent(struct arena *a, struct blob *b)
{
    struct evbuffer *out = evbuffer_new();
    blob_send(b, out);
    size_t n = evbuffer_get_length(out);
    struct str text = str_dup(a, (struct str){(const char *)evbuffer_pullup(out, -1), n});
    evbuffer_free(out);
    return text;
}

TEST(an_event_is_one_chunk_with_its_number_kind_and_one_line_of_data)
{
    static const struct { const char *kind, *body, *wire; } rows[] = {
        {"lock.set", "{\"n\":1}",
         "77\r\nid: 41873\nevent: lock.set\ndata: {\"topic\":\"lock\",\"subject\":\"web\","
         "\"at\":\"2001-09-09T01:46:40.000Z\",\"n\":1}\n\n\r\n"},
        {"lock.set", " {\n \"n\": 1 }\r\n",
         "7a\r\nid: 41873\nevent: lock.set\ndata: {\"topic\":\"lock\",\"subject\":\"web\","
         "\"at\":\"2001-09-09T01:46:40.000Z\",\"n\": 1}\n\n\r\n"},
        {"a\nb", "{ }",
         "6b\r\nid: 41873\nevent: other\ndata: {\"topic\":\"lock\",\"subject\":\"web\","
         "\"at\":\"2001-09-09T01:46:40.000Z\"}\n\n\r\n"},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct event x = {41873, 1000000000000, S("lock"), S("web"), str_z(rows[i].kind), str_z(rows[i].body)};
        OWN_BLOB struct blob *b = blob_event(&x);
        struct str got = sent(&a, b), rest = got, size = str_cut(&rest, '\n');
        CHECK_STR(str_from(got, size.n + 1), str_from(str_z(rows[i].wire), 4));
        CHECK_STR(str_f(&a, "%zx\r", got.n - size.n - 3), size);
    }
}

TEST(a_blob_outlives_its_maker_while_it_is_on_its_way)
{
    struct evbuffer *one = evbuffer_new(), *two = evbuffer_new();
    struct blob *b = blob_make(S(": hb\n\n"));
    blob_send(b, one);
    blob_send(b, two);
    blob_drop(b);
    evbuffer_free(one);
    CHECK_INT(evbuffer_get_length(two), 11);
    CHECK(memcmp(evbuffer_pullup(two, -1), "6\r\n: hb\n\n\r\n", 11) == 0);
    evbuffer_free(two);
}
