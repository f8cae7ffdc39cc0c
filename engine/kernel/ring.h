/* Ring buffers, as engine/dsp/ring_buffer.py keeps them, and gains that move on straight lines. */

#ifndef INNEREAR_RING_H
#define INNEREAR_RING_H

#include <string.h>

#include "stages.h"

/* A ring buffer: each sample is kept twice, one capacity apart, so that no read wraps around. */
typedef struct {
    const Array *samples;
    ptrdiff_t capacity;
    long long *end;
} Ring;

static inline Ring ring_of(const Array *samples, const Array *end)
{
    return (Ring){samples, samples->columns / 2, (long long *)end->data};
}

/* Return where the samples numbered `start` and following lie in a channel. */
static inline float *ring_at(const Ring *ring, ptrdiff_t channel, long long start)
{
    long long at = start % ring->capacity;
    return ROW(*ring->samples, float, channel) + (at < 0 ? at + ring->capacity : at);
}

/* Raise a count that another process reads, after everything that was written before. */
static inline void publish(long long *count, long long value)
{
#ifdef __GNUC__
    __atomic_store_n(count, value, __ATOMIC_RELEASE);
#else
    *(volatile long long *)count = value;
#endif
}

/* Keep one more copy of `count` samples that were written behind the end, and raise the end. */
static inline void ring_end(const Ring *ring, ptrdiff_t count)
{
    ptrdiff_t at = *ring->end % ring->capacity;
    ptrdiff_t first = count < ring->capacity - at ? count : ring->capacity - at;
    for (ptrdiff_t channel = 0; channel < ring->samples->rows; channel++) {
        float *row = ROW(*ring->samples, float, channel);
        memcpy(row + at + ring->capacity, row + at, first * sizeof(float));
        memcpy(row, row + ring->capacity, (count - first) * sizeof(float));
    }
    publish(ring->end, *ring->end + count);
}

/* A gain that goes from one value to another within a hop. */
typedef struct {
    float before, change, hop;
} Ramp;

static inline Ramp ramp_of(double before, double after, double hop)
{
    return (Ramp){(float)before, (float)(after - before), (float)hop};
}

/* Return its value at a sample of the hop, from 0. */
static inline float ramp_at(const Ramp *ramp, ptrdiff_t sample)
{
    return ramp->before + ramp->change * ((float)(sample + 1) / ramp->hop);
}

/* Compute its values at `count` samples of the hop. */
static inline void ramp_fill(const Ramp *ramp, ptrdiff_t start, ptrdiff_t count, float *values)
{
    for (ptrdiff_t n = 0; n < count; n++)
        values[n] = ramp->change == 0.0f ? ramp->before : ramp_at(ramp, start + n);
}

/* A gain that moves by `step` with each sample, within 0 and 1. */
static inline float line_at(double gain, double step, ptrdiff_t sample)
{
    double value = gain + step * (double)(sample + 1);
    return (float)(value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value);
}

#endif
