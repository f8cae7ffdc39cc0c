/* How a filter goes on without an input; the twin is in response.py. */

#include "stages.h"

#define MOST_ORDER 256

double zero_input_response(const Array *a, const double *x)
{
    const Array coefficients = a[0], response = a[2];
    const ptrdiff_t order = a[1].columns;
    double state[MOST_ORDER + 1], poles[MOST_ORDER];
    (void)x;
    FITS(coefficients.rows == 1 && a[1].rows == 1 && response.rows == 1);
    FITS(order >= 1 && order <= MOST_ORDER && coefficients.columns == order + 1);
    for (ptrdiff_t n = 0; n < order; n++) {
        state[n] = AT(a[1], double, 0, n);
        poles[n] = AT(coefficients, double, 0, n + 1);
    }
    state[order] = 0.0;
    for (ptrdiff_t n = 0; n < response.columns; n++) {
        const double value = AT(response, double, 0, n) = state[0];
        for (ptrdiff_t k = 0; k < order; k++)
            state[k] = state[k + 1] - value * poles[k];
    }
    return 0.0;
}
