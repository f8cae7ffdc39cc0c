/* Ends a hop of the feedback loop; the twin is in loop.py. */

#include <math.h>

#include "ring.h"

double close_loop(const Array *a, const double *x)
{
    const Ring past = ring_of(&a[0], &a[1]);
    const Array energies = a[2], heard = a[4], filtered = a[5], change = a[6];
    const ptrdiff_t count = heard.columns;
    long long *at = (long long *)a[3].data;
    double in = 0.0, out = 0.0;
    FITS(SAME(heard, filtered) && SAME(heard, change) && heard.rows == a[0].rows);
    FITS(count <= past.capacity && energies.rows == 2 && *at >= 0 && *at < energies.columns);
    for (ptrdiff_t row = 0; row < heard.rows; row++) {
        float *to = ring_at(&past, row, *past.end);
        for (ptrdiff_t n = 0; n < count; n++) {
            const double sound = AT(heard, float, row, n);
            to[n] = AT(filtered, float, row, n) + AT(change, float, row, n);
            in += sound * sound;
            out += (double)to[n] * to[n];
        }
    }
    AT(energies, double, 0, *at) = in;
    AT(energies, double, 1, *at) = out;
    *at = (*at + 1) % energies.columns;
    in = out = 0.0;
    for (ptrdiff_t hop = 0; hop < energies.columns; hop++) {
        in += AT(energies, double, 0, hop);
        out += AT(energies, double, 1, hop);
    }
    const float gain = (float)(out <= in ? x[0] : x[0] * sqrt(in / out));
    for (ptrdiff_t row = 0; row < heard.rows; row++) {
        float *to = ring_at(&past, row, *past.end);
        for (ptrdiff_t n = 0; n < count; n++)
            to[n] = bounded(to[n] * gain, 1.0f);
    }
    ring_end(&past, count);
    return 0.0;
}
