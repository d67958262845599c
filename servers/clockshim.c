// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server (LD_PRELOAD), it moves the wall clock that the server sees by the milliseconds, a decimal number
// with or without a sign, that the file named by CLOCK_OFFSET_FILE holds. The file is read at each call, so that a test
// moves the clock while the server runs. The monotonic clocks stay as they are.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const long long NANOS_PER_MILLI = 1000000LL;
static const long long NANOS_PER_SECOND = 1000000000LL;

static long long parse(const char *text) {
    long long value = 0;
    int negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    return negative ? -value : value;
}

static long long offset_millis(void) {
    // getenv and open may ask for the time themselves in some libraries: the inner call sees the true one.
    static __thread int inside;
    if (inside)
        return 0;
    inside = 1;
    int saved_errno = errno;
    long long offset = 0;
    const char *name = getenv("CLOCK_OFFSET_FILE");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        char text[32] = {0};
        if (read(file, text, sizeof text - 1) > 0)
            offset = parse(text);
        close(file);
    }
    errno = saved_errno;
    inside = 0;
    return offset;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    // By system call: the C library's own function is this one now.
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        long long nanos = time->tv_sec * NANOS_PER_SECOND + time->tv_nsec + offset_millis() * NANOS_PER_MILLI;
        time->tv_sec = nanos / NANOS_PER_SECOND;
        time->tv_nsec = nanos % NANOS_PER_SECOND;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (time) {
        time->tv_sec = now.tv_sec;
        time->tv_usec = now.tv_nsec / 1000;
    }
    return 0;
}

time_t time(time_t *seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds)
        *seconds = now.tv_sec;
    return now.tv_sec;
}
