// route_test.c: which row a method and path find.
#include "base/test.h"
#include "web/route.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static bool nothing(struct ask *q, struct err *e)
{
    (void)q, (void)e;
    return true;
}

static const struct route some[] = {
    {GET, "/releases", SEE, .run = nothing, .help = "list"},
    {POST, "/releases", ADMIN, .run = nothing, .help = "start"},
    {GET, "/releases/{service}/{number}", SEE, .run = nothing, .help = "one"},
    {POST, "/releases/{service}/{number}/hold", RELEASE_STOP, .run = nothing, .help = "hold"},
    {POST, "/hook/{name}", HOOK, .flags = R_HOOK, .run = nothing, .help = "a forge calls"},
    {0}};
static const struct route clash[] = {
    {GET, "/releases/web/{number}", SEE, .run = nothing, .help = "clashes with {service}/{number}"}, {0}};
static const struct route helpless[] = {{GET, "/x", SEE, .run = nothing}, {0}};
static const struct route rightless[] = {{GET, "/x", .run = nothing, .help = "x"}, {0}};

static struct strs path(struct arena *a, const char *text)
{
    struct strs out = {0};
    for (struct str rest = str_z(text); rest.n;)
        vec_push(a, &out, str_cut(&rest, '/'));
    return out;
}

TEST(a_path_finds_its_row_and_its_parameters)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct router r = router_make(&a, (const struct route *[]){some, NULL}, NULL);
    struct strs p = path(&a, "api/v1/releases/web/12");
    struct pairs params = {0};
    unsigned others;
    CHECK(route_find(&r, &a, false, GET, &p, &params, &others) == &some[2]);
    CHECK_INT(params.n, 2);
    CHECK_STR(params.at[0].name, S("service"));
    CHECK_STR(params.at[1].value, S("12"));
}

static const struct { bool hook; enum method m; const char *path; int row; unsigned others; } finds[] = {
    {false, GET, "api/v1/releases", 0, 0},
    {false, POST, "api/v1/releases", 1, 0},
    {false, DELETE, "api/v1/releases", -1, 1u << GET | 1u << POST},
    {false, GET, "api/v1/releases/web", -1, 0},
    {false, GET, "api/v1/releases/web/", -1, 0},
    {false, GET, "releases", -1, 0},
    {false, GET, "api/v2/releases", -1, 0},
    {false, POST, "hook/web", -1, 0},
    {true, POST, "hook/web", 4, 0},
    {true, GET, "hook/web", -1, 1u << POST},
    {true, POST, "api/v1/releases", -1, 0},
};

TEST(hooks_and_api_do_not_see_each_others_rows)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct router r = router_make(&a, (const struct route *[]){some, NULL}, NULL);
    for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
        struct strs p = path(&a, finds[i].path);
        if (str_ends(str_z(finds[i].path), S("/")))
            vec_push(&a, &p, ((struct str){"", 0}));
        struct pairs params = {0};
        unsigned others;
        const struct route *want = finds[i].row < 0 ? NULL : &some[finds[i].row];
        CHECK(route_find(&r, &a, finds[i].hook, finds[i].m, &p, &params, &others) == want);
        if (!want)
            CHECK_INT(others, finds[i].others);
    }
}

TEST(a_path_with_a_slip_gets_the_nearest_row)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct router r = router_make(&a, (const struct route *[]){some, NULL}, NULL);
    struct strs p = path(&a, "api/v1/relaeses");
    CHECK_STR(route_nearest(&r, &a, &p), S("/api/v1/releases"));
}

static bool stops(const struct route *more)
{
    pid_t pid = fork();
    if (pid == 0) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        struct router r = router_make(&a, (const struct route *[]){some, more, NULL}, NULL);
        _exit(r.n > 0 ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status);
}

TEST(a_row_that_clashes_or_lacks_something_stops_the_program_at_its_start)
{
    CHECK(stops(clash));
    CHECK(stops(helpless));
    CHECK(stops(rightless));
    CHECK(!stops(web_routes));
}
