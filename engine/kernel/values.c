/* Notices that numbers have changed; the twin is in values.py. */

#include "stages.h"

double count_changes(const Array *a, const double *x)
{
    const Array kept = a[1], kept_heads = a[2], numbers = a[3], heads = a[4];
    long long *changes = (long long *)a[0].data;
    long long changed = 0; /* numbers as bits: a zero may change its sign */
    (void)x;
    FITS(a[0].columns == 1 && SAME(kept, numbers) && kept.rows == 1 && kept_heads.columns == heads.rows);
    for (ptrdiff_t n = 0; n < kept.columns; n++) {
        const long long now = AT(numbers, long long, 0, n);
        changed |= AT(kept, long long, 0, n) ^ now;
        AT(kept, long long, 0, n) = now;
    }
    for (ptrdiff_t n = 0; n < heads.rows; n++) {
        const long long now = AT(heads, long long, n, 0);
        changed |= AT(kept_heads, long long, 0, n) ^ now;
        AT(kept_heads, long long, 0, n) = now;
    }
    *changes += changed != 0;
    return (double)*changes;
}
