// writer.c: what a web server does to its log, with lines that are numbered: tests/log/*.sh count them again in the
// lake.
//
//     writer FILE LINES_A_SECOND LINES      appends LINES lines; USR1: opens FILE anew (after a rename)
//
// Lines have the labels of a marketplace's log, and `seq`, 1 and up. Whole lines are written at once, as nginx does it.
// At the end, or at TERM, it prints how many it wrote.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t again, ending;

static void on_usr1(int s)
{
    (void)s;
    again = 1;
}

static void on_term(int s)
{
    (void)s;
    ending = 1;
}

static int open_log(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

static uint64_t now_ns(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int put_line(char *to, size_t room, uint64_t seq)
{
    static const char *const pages[] = {"/", "/public/jobs/search", "/works/%u", "/mypage/profile",
                                        "/message_board/%u"};
    static const unsigned statuses[] = {200, 200, 200, 200, 200, 200, 200, 304, 302, 404, 500};
    static char when[32];
    static time_t told;
    char page[64];
    time_t now = time(NULL);
    struct tm tm;
    unsigned r = (unsigned)(seq * 2654435761u);
    if (now != told) {
        localtime_r(&now, &tm);
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S%z", &tm);
        told = now;
    }
    snprintf(page, sizeof page, pages[r % 5], r % 5000);
    return snprintf(to, room,
                    "time:%.22s:%s\tseq:%llu\thost:www.kotori.example\tmethod:GET\turi:%s\tquery:-\tstatus:%u\t"
                    "size:%u\tua:Mozilla/5.0 (X11; Linux x86_64)\tforwardedfor:10.%u.%u.%u\t"
                    "reqtime:0.%03u\tuser_id:%u\n",
                    when, when + 22, (unsigned long long)seq, page, statuses[r / 7 % 11], r % 40000, r % 256,
                    r / 256 % 256, r / 65536 % 256, r / 11 % 1000, 1700000 + r % 3000);
}

int main(int argc, char **argv)
{
    static char room[1 << 20];
    if (argc != 4)
        return 2;
    uint64_t rate = strtoull(argv[2], NULL, 10), lines = strtoull(argv[3], NULL, 10), seq = 0;
    signal(SIGUSR1, on_usr1);
    signal(SIGTERM, on_term);
    int fd = open_log(argv[1]);
    uint64_t begun = now_ns(CLOCK_MONOTONIC);
    while (seq < lines && !ending) {
        uint64_t due = (now_ns(CLOCK_MONOTONIC) - begun) / 1000 * rate / 1000000;
        size_t n = 0;
        if (again) {
            again = 0;
            close(fd);
            fd = open_log(argv[1]);
        }
        if (due > seq + rate)           // it was stopped for a while: what it missed is not caught up with
            begun += (due - seq) * 1000000000 / rate;
        while (seq < due && seq < lines && n < sizeof room - 1024 && due <= seq + rate)
            n += (size_t)put_line(room + n, sizeof room - n, ++seq);
        if (n && write(fd, room, n) != (ssize_t)n) {
            perror("write");
            return 1;
        }
        if (n < sizeof room - 1024)     // else it is late, and goes on at once
            usleep(5000);
    }
    printf("%llu\n", (unsigned long long)seq);
    return 0;
}
