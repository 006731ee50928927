/* A host's clock that a test can set, for the Python processes into which this is preloaded.

   The file that JUMPING_CLOCK names contains one double: the seconds by which the clock is off.
   CLOCK_MONOTONIC and the waits that use it are not changed, as when a real clock is set. A wait
   until a moment of CLOCK_REALTIME follows this clock. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LOOK_SECONDS 0.02 /* how soon a wait notices that the clock was set */

static const volatile double *offset;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_sem_timedwait)(sem_t *, const struct timespec *);

__attribute__((constructor)) static void start(void) {
  real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  real_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
  const char *name = getenv("JUMPING_CLOCK");
  /* The browser and its driver inherit the environment, and keep the host's clock. */
  if (name == NULL || strncmp(program_invocation_short_name, "python", 6) != 0) return;
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  void *page = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) abort();
  close(file);
  offset = page;
}

static double seconds(const struct timespec *moment) {
  return (double)moment->tv_sec + (double)moment->tv_nsec / 1e9;
}

static void shift(struct timespec *moment, double by) {
  double whole = floor(by);
  moment->tv_sec += (time_t)whole;
  moment->tv_nsec += (long)((by - whole) * 1e9);
  if (moment->tv_nsec >= 1000000000L) {
    moment->tv_sec += 1;
    moment->tv_nsec -= 1000000000L;
  }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = real_clock_gettime(clock, now);
  if (!failed && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    shift(now, *offset);
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now) *now = precise.tv_sec;
  return precise.tv_sec;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
  if (!offset) return real_sem_timedwait(semaphore, until);
  for (;;) {
    struct timespec now, look;
    clock_gettime(CLOCK_REALTIME, &now);
    real_clock_gettime(CLOCK_REALTIME, &look);
    double left = seconds(until) - seconds(&now);
    shift(&look, fmax(fmin(left, LOOK_SECONDS), 0));
    if (real_sem_timedwait(semaphore, &look) == 0) return 0;
    if (errno != ETIMEDOUT || left <= LOOK_SECONDS) return -1;
  }
}
