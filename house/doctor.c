// doctor.c: `rusuban doctor`: every check of main.c's table, one line a finding, the way out beside it.
#include "base/json.h"
#include "house/commands.h"
#include <stdio.h>

static const char *const words[] = {[CHECK_OK] = "ok", [CHECK_WARN] = "warn", [CHECK_FAIL] = "FAIL"};

static void print(const struct call *c, const struct check *k)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
    printf("%s%-6s%s", c->colour ? colours[k->level] : "", words[k->level], c->colour ? "\033[0m" : "");
    put_foreign(stdout, k->about);
    fputs(": ", stdout);
    bool dot = k->hint.n && k->text.n && k->text.p[k->text.n - 1] == '.';      // another program's sentence goes on
    put_foreign(stdout, str_head(k->text, k->text.n - dot));
    if (k->hint.n) {
        fputs("; ", stdout);
        put_foreign(stdout, k->hint);
    }
    putchar('\n');
}

static void print_json(const struct checks *all, size_t failed)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    json_open(&b, '{');
    json_key(&b, "checks");
    json_open(&b, '[');
    for (size_t i = 0; i < all->n; i++) {
        const struct check *k = &all->at[i];
        json_object(&b, KV("level", k->level == CHECK_FAIL ? "fail" : words[k->level]), KV("about", k->about),
                    KV("text", k->text), KV("hint", V_OPT(k->hint)));
    }
    json_close(&b, ']');
    json_kv(&b, "failed", failed);
    json_close(&b, '}');
    puts(buf_z(&b));
}

bool cmd_doctor(struct call *c, struct err *e)
{
    struct checks all = {0};
    size_t failed = 0, told = 0;
    for (check_fn *const *check = the_house->checks; *check; check++) {
        (*check)(c->arena, c->site, c->data, &all);
        for (; told < all.n; told++) {
            failed += all.at[told].level == CHECK_FAIL;
            if (!c->json && !(c->quiet && all.at[told].level == CHECK_OK))
                print(c, &all.at[told]);
        }
        fflush(stdout);
    }
    if (c->json)
        print_json(&all, failed);
    return !failed || err_set(e, ERR_CHECK, "doctor: %zu of %zu findings must be mended", failed, all.n);
}
