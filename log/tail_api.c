// tail_api.c: POST /log/tail: a name for the lines that somebody wants to see as they come. They come over the stream
// of GET /live, which asks for the topic tail:NAME; see tail_feed.c.
#include "log/api.h"
#include "log/tail_name.h"
#include "log/where.h"

static struct str dataset_name(const void *site, size_t i)
{
    return ((const struct site *)site)->log.datasets.at[i].name;
}

static bool dataset_is_there(struct ask *q, struct str name, struct err *e)
{
    if (!ask_site(q, e))
        return false;
    if (site_dataset(q->site, name))
        return true;
    struct str near = str_nearest(name, q->site->log.datasets.n, dataset_name, q->site);
    return ask_wrong(q, e, "dataset", near.n ? str_zf(q->arena, "did you mean \"" STR_F "\"?", STR_A(near)) : "",
                     "there is no dataset \"" STR_F "\"", STR_A(name));
}

static bool where_is_right(struct ask *q, struct str text, struct err *e)
{
    struct err why = {0};
    struct where *w = text.n ? where_new(text, &why) : NULL;
    bool ok = !text.n || (w && where_of_lines(w, &why));
    where_free(w);
    return ok || ask_wrong(q, e, "where", str_zdup(q->arena, str_z(why.hint)), "%s", why.text);
}

// Tabs of one browser are one person here, and so are all shells of one user.
static struct str person_of(struct ask *q)
{
    const struct who *w = &q->who;
    return str_f(q->arena, "%d %lld %u " STR_F, (int)w->way, (long long)w->account, w->uid, STR_A(w->name));
}

bool api_log_tail(struct ask *q, struct err *e)
{
    const struct tail_in *in = q->in;
    struct str dataset = in->dataset.n ? in->dataset : S("access"), where = str_trim(in->where);
    bool there = dataset_is_there(q, dataset, e);
    if (!there && !q->wrongs.n)
        return false;
    if (!where_is_right(q, where, e) || !there)
        return false;
    struct tail_name *t = tail_name_give(person_of(q), dataset, where, e);
    if (!t) {
        q->http = 429;
        return false;
    }
    q->status = 201;
    json_object(q->out, KV("topic", str_f(q->arena, "tail:%s", t->name)), KV("dataset", dataset),
                KV("where", V_OPT(where)));
    return true;
}
