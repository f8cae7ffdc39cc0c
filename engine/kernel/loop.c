/* Ends a hop of the feedback loop; the twin is in loop.py. */

#include <math.h>

#include "ring.h"

double close_loop(const Array *a, const double *x)
{
    const Ring past = ring_of(&a[0], &a[1]);
    const Array energies = a[2], heard = a[5], filtered = a[6], change = a[7];
    const ptrdiff_t count = heard.columns, behind = (ptrdiff_t)x[2], smeared = (ptrdiff_t)x[3];
    const ptrdiff_t memory = energies.columns - behind - smeared;
    const float silence = (float)x[1];
    long long *at = (long long *)a[3].data;
    double *unspent = (double *)a[4].data;
    double in = 0.0, out = 0.0, most_in = 0.0, all_in = 0.0, newest_in = 0.0, newest_out;
    FITS(SAME(heard, filtered) && SAME(heard, change) && heard.rows == a[0].rows);
    FITS(count <= past.capacity && energies.rows == 2 && *at >= 0 && *at < energies.columns);
    FITS(0 <= behind && 0 <= smeared && 0 < memory);
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
    AT(energies, double, 1, *at) = newest_out = out;
    *at = (*at + 1) % energies.columns;
    /* From the oldest on. */
    for (ptrdiff_t hop = 0; hop < memory + smeared; hop++) {
        newest_in = AT(energies, double, 0, (*at + hop) % energies.columns);
        all_in += newest_in;
    }
    for (ptrdiff_t first = 0; first <= smeared; first++) {
        in = 0.0;
        for (ptrdiff_t hop = first; hop < first + memory; hop++)
            in += AT(energies, double, 0, (*at + hop) % energies.columns);
        most_in = in > most_in ? in : most_in;
    }
    out = 0.0;
    for (ptrdiff_t hop = behind + smeared; hop < energies.columns; hop++)
        out += AT(energies, double, 1, (*at + hop) % energies.columns);
    double power = out <= most_in ? 1.0 : most_in / out;
    *unspent = *unspent + newest_in < all_in ? *unspent + newest_in : all_in;
    if (power * newest_out > *unspent)
        power = *unspent / newest_out;
    *unspent -= power * newest_out;
    if (*unspent < 0.0)
        *unspent = 0.0;
    const float gain = (float)(x[0] * sqrt(power));
    for (ptrdiff_t row = 0; row < heard.rows; row++) {
        float *to = ring_at(&past, row, *past.end);
        for (ptrdiff_t n = 0; n < count; n++) {
            const float value = bounded(to[n] * gain, 1.0f);
            to[n] = fabsf(value) < silence ? 0.0f : value;
        }
    }
    ring_end(&past, count);
    return 0.0;
}
