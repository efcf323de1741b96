// sandbox.c: see sandbox.h. Landlock and seccomp by their plain system calls: Debian has no library of the one, and the
// other's rules are forty lines.
#include "sql/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// ---- who it belongs to ----

static void close_between(unsigned from, unsigned to)
{
    syscall(SYS_close_range, from, to, 0u);
}

bool sandbox_begin(pid_t parent, const int *keep, size_t n, struct err *e)
{
    unsigned next = 0;
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        return err_set(e, ERR_STATE, "the parent is gone");
    for (size_t i = 0; i < n; i++) {
        if ((unsigned)keep[i] > next)
            close_between(next, (unsigned)keep[i] - 1);
        next = (unsigned)keep[i] + 1;
    }
    close_between(next, ~0u);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || err_set(e, ERR_IO, "no_new_privs: %m");
}

// What memory costs beside DuckDB's own limit: the library's mapping, stacks, the allocator's slack (measured: 1 GiB of
// address space suits a limit of 200 MB).
enum { BESIDE = 824 << 20 };

bool sandbox_limits(const struct sandbox_limits *l, struct err *e)
{
    const struct { int what; rlim_t most; } rows[] = {
        {RLIMIT_AS, (rlim_t)(l->memory + BESIDE)},
        {RLIMIT_CPU, (rlim_t)(l->cpu_ms / 1000 + 5)},
        {RLIMIT_FSIZE, (rlim_t)l->file_bytes},
        {RLIMIT_NOFILE, 1024},
        {RLIMIT_CORE, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (setrlimit((__rlimit_resource_t)rows[i].what, &(struct rlimit){rows[i].most, rows[i].most}) < 0)
            return err_set(e, ERR_IO, "limit %d of the query's process: %m", rows[i].what);
    return true;
}

// ---- Landlock (docs.kernel.org/userspace-api/landlock.html) ----

enum { LL_CREATE = 444, LL_ADD = 445, LL_RESTRICT = 446, LL_PATH_BENEATH = 1, LL_VERSION = 1 };
enum {
    LL_WRITE_FILE = 1 << 1, LL_READ_FILE = 1 << 2, LL_READ_DIR = 1 << 3, LL_REMOVE_DIR = 1 << 4,
    LL_REMOVE_FILE = 1 << 5, LL_MAKE_DIR = 1 << 7, LL_MAKE_REG = 1 << 8, LL_TRUNCATE = 1 << 14,
    LL_READ = LL_READ_FILE | LL_READ_DIR,
    LL_WRITE = LL_READ | LL_WRITE_FILE | LL_REMOVE_DIR | LL_REMOVE_FILE | LL_MAKE_DIR | LL_MAKE_REG | LL_TRUNCATE,
};

struct ll_ruleset { uint64_t files, net, scoped; };
struct ll_beneath { uint64_t allowed; int32_t fd; } __attribute__((packed));

int sandbox_landlock(void)
{
    long abi = syscall(LL_CREATE, NULL, 0, LL_VERSION);
    return abi > 0 ? (int)abi : 0;
}

// Each version of Landlock knows more: what it knows is forbidden, then some of it allowed below.
static struct ll_ruleset forbidden(int abi, size_t *size)
{
    static const int bits[] = {13, 13, 14, 15, 15, 16};
    int n = bits[abi < 5 ? abi : 5];
    *size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    return (struct ll_ruleset){.files = (1u << n) - 1, .net = abi >= 4 ? 3 : 0, .scoped = abi >= 6 ? 3 : 0};
}

static bool allow(int rules, const char *path, uint64_t what, struct err *e)
{
    OWN_FD fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", path);
    struct ll_beneath b = {.allowed = what, .fd = fd};
    return syscall(LL_ADD, rules, LL_PATH_BENEATH, &b, 0) == 0 || err_set(e, ERR_IO, "allow %s: %m", path);
}

static bool no_landlock(struct err *e)
{
    err_set(e, ERR_STATE, "this kernel has no Landlock, and without it nobody's SQL is run here");
    return err_hint(e,
                    "a kernel with CONFIG_SECURITY_LANDLOCK=y and \"landlock\" among lsm= of its command line has it");
}

bool sandbox_paths(const struct strs *read, const char *write, struct err *e)
{
    int abi = sandbox_landlock();
    size_t size;
    if (abi < 1)
        return no_landlock(e);
    struct ll_ruleset all = forbidden(abi, &size);
    OWN_FD rules = (int)syscall(LL_CREATE, &all, size, 0);
    if (rules < 0)
        return err_set(e, ERR_IO, "Landlock: %m");
    for (size_t i = 0; i < read->n; i++)
        if (!allow(rules, read->at[i].p, LL_READ, e))
            return false;
    if (write && !allow(rules, write, LL_WRITE & all.files, e))
        return false;
    return syscall(LL_RESTRICT, rules, 0) == 0 || err_set(e, ERR_IO, "Landlock: %m");
}

// ---- seccomp (docs.kernel.org/userspace-api/seccomp_filter.html) ----

#if defined __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "sandbox.c: name this processor's AUDIT_ARCH_"
#endif

// Calls that may be made with any arguments. What is a file's name among them, Landlock has judged before.
static const int free_calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_close, SYS_lseek, SYS_fstat,
    SYS_newfstatat, SYS_statx, SYS_fstatfs, SYS_statfs, SYS_faccessat, SYS_getdents64, SYS_getcwd, SYS_readlinkat,
    SYS_ftruncate, SYS_fallocate, SYS_fadvise64, SYS_fsync, SYS_fdatasync, SYS_flock, SYS_mkdirat, SYS_unlinkat,
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu,
    SYS_rseq, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_times, SYS_getrusage,
    SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_uname, SYS_sysinfo, SYS_getrandom, SYS_exit, SYS_exit_group,
    LL_CREATE, LL_ADD, LL_RESTRICT,
#if defined SYS_faccessat2
    SYS_faccessat2,
#endif
#if defined __x86_64__
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_time,
#endif
};

struct program { struct sock_filter at[400]; unsigned short n; };

static void put(struct program *p, unsigned code, uint32_t k, unsigned jt, unsigned jf)
{
    if (p->n < ARRAY_LEN(p->at))
        p->at[p->n++] = (struct sock_filter){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
}

static void give(struct program *p, uint32_t answer)
{
    put(p, BPF_RET | BPF_K, answer, 0, 0);
}

enum { NO = SECCOMP_RET_ERRNO | EPERM };

static void load(struct program *p, size_t offset)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

// The low half of an argument: flags and descriptors have no more.
static void load_argument(struct program *p, int i)
{
    load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)i);
}

static void allow_call(struct program *p, long call)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
    give(p, SECCOMP_RET_ALLOW);
}

// Allowed unless one of these bits is set in the argument.
static void allow_without(struct program *p, long call, int argument, uint32_t bits)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
    load_argument(p, argument);
    put(p, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    give(p, NO);
    give(p, SECCOMP_RET_ALLOW);
}

// Allowed when the argument is one of these.
static void allow_with(struct program *p, long call, int argument, const uint32_t *values, unsigned n)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 2 * n + 2);
    load_argument(p, argument);
    for (unsigned i = 0; i < n; i++) {
        put(p, BPF_JMP | BPF_JEQ | BPF_K, values[i], 0, 1);
        give(p, SECCOMP_RET_ALLOW);
    }
    give(p, NO);
}

// Landlock before version 3 lets O_TRUNC pass where reading is allowed.
static void allow_open(struct program *p, long call, int flags)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 6);
    load_argument(p, flags);
    put(p, BPF_JMP | BPF_JSET | BPF_K, O_TRUNC, 0, 3);
    put(p, BPF_ALU | BPF_AND | BPF_K, O_ACCMODE, 0, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, O_RDONLY, 0, 1);
    give(p, NO);
    give(p, SECCOMP_RET_ALLOW);
}

static void put_calls(struct program *p)
{
    static const uint32_t locks[] = {F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_GETLK, F_SETLK, F_DUPFD_CLOEXEC};
    const uint32_t self[] = {(uint32_t)getpid()}, nothing[] = {0};
    for (size_t i = 0; i < ARRAY_LEN(free_calls); i++)
        allow_call(p, free_calls[i]);
    allow_open(p, SYS_openat, 2);
#if defined __x86_64__
    allow_open(p, SYS_open, 1);
#endif
    allow_without(p, SYS_mmap, 2, PROT_EXEC);
    allow_without(p, SYS_mprotect, 2, PROT_EXEC);
    allow_with(p, SYS_fcntl, 1, locks, ARRAY_LEN(locks));
    allow_with(p, SYS_tgkill, 0, self, 1);          // abort()
    allow_with(p, SYS_prlimit64, 2, nothing, 1);    // to look, not to change
}

bool sandbox_calls(struct err *e)
{
    struct program p = {.n = 0};
    load(&p, offsetof(struct seccomp_data, arch));
    put(&p, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
    give(&p, SECCOMP_RET_KILL_PROCESS);
    load(&p, offsetof(struct seccomp_data, nr));
#if defined __x86_64__
    put(&p, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);      // the x32 names of the same calls
    give(&p, SECCOMP_RET_KILL_PROCESS);
#endif
    put_calls(&p);
    give(&p, NO);
    if (p.n == ARRAY_LEN(p.at))
        return err_set(e, ERR_BUG, "the list of allowed calls is longer than its room");
    struct sock_fprog all = {.len = p.n, .filter = p.at};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all) == 0 || err_set(e, ERR_IO, "seccomp: %m");
}
