/* Lets a processor take the smallest numbers for 0: they take a hundred times as long as others.

   They are what a level or an echo becomes that falls and falls in silence. */

#ifndef INNEREAR_DENORMALS_H
#define INNEREAR_DENORMALS_H

#if defined(__SSE2__) || defined(_M_X64)

#include <xmmintrin.h>

typedef unsigned int FloatMode;

/* Begin; return what `restore_denormals` takes: the mode is the thread's, and others compute there. */
static inline FloatMode flush_denormals(void)
{
    const FloatMode before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u); /* what comes out, and what goes in */
    return before;
}

static inline void restore_denormals(FloatMode before)
{
    _mm_setcsr(before);
}

#elif defined(__aarch64__) && defined(__GNUC__)

typedef unsigned long long FloatMode;

static inline FloatMode flush_denormals(void)
{
    FloatMode before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (1ull << 24)));
    return before;
}

static inline void restore_denormals(FloatMode before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else

typedef int FloatMode;

static inline FloatMode flush_denormals(void)
{
    return 0;
}

static inline void restore_denormals(FloatMode before)
{
    (void)before;
}

#endif

#endif
