/* What goes into the ring buffers; the twins are in ring.py. */

#include "ring.h"

#include <math.h>

double ring_write(const Array *a, const double *x)
{
    Ring ring = ring_of(&a[0], &a[1]);
    const Array chunk = a[2];
    (void)x;
    FITS(chunk.columns <= ring.capacity && (chunk.rows == a[0].rows || chunk.rows == 1));
    for (ptrdiff_t channel = 0; channel < a[0].rows; channel++) {
        /* Up to the end of the ring's second copy there is room for all of it. */
        float *to = ring_at(&ring, channel, *ring.end);
        const ptrdiff_t row = chunk.rows == 1 ? 0 : channel;
        for (ptrdiff_t n = 0; n < chunk.columns; n++)
            to[n] = AT(chunk, const float, row, n);
    }
    ring_end(&ring, chunk.columns);
    return 0.0;
}

double is_finite(const Array *a, const double *x)
{
    (void)x;
    int all = 1;
    for (ptrdiff_t row = 0; row < a[0].rows; row++)
        for (ptrdiff_t n = 0; n < a[0].columns; n++)
            all &= isfinite(AT(a[0], const float, row, n)) != 0;
    return all;
}

double take_in(const Array *a, const double *x)
{
    Ring input = ring_of(&a[0], &a[1]), dry = ring_of(&a[2], &a[3]), wet = ring_of(&a[4], &a[5]);
    const Array sound = a[6], returned = a[7];
    const ptrdiff_t count = sound.columns, start = (ptrdiff_t)x[4];
    const Ramp gain = ramp_of(x[0], x[1], x[5]), feedback = ramp_of(x[2], x[3], x[5]);
    const int silent = x[2] == 0.0 && x[3] == 0.0;
    FITS(SAME(sound, returned) && sound.rows == a[0].rows && count <= input.capacity);
    FITS(SAME(a[0], a[2]) && SAME(a[0], a[4]) && x[5] > 0.0);
    for (ptrdiff_t channel = 0; channel < sound.rows; channel++) {
        float *into = ring_at(&input, channel, *input.end);
        float *dried = ring_at(&dry, channel, *dry.end), *wetted = ring_at(&wet, channel, *wet.end);
        for (ptrdiff_t n = 0; n < count; n++) {
            into[n] = AT(sound, const float, channel, n);
            dried[n] = into[n] * ramp_at(&gain, start + n);
            wetted[n] = dried[n];
        }
        if (!silent)
            for (ptrdiff_t n = 0; n < count; n++)
                wetted[n] +=
                    AT(returned, const float, channel, n) * ramp_at(&feedback, start + n);
    }
    ring_end(&input, count);
    ring_end(&dry, count);
    ring_end(&wet, count);
    return 0.0;
}
