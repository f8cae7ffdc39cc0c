/* What is computed of single bins. */

#ifndef INNEREAR_FRAMES_H
#define INNEREAR_FRAMES_H

#include <math.h>
#include <string.h>

#include "stages.h"

static inline float size_of(Complex bin)
{
    return sqrtf(bin.real * bin.real + bin.imaginary * bin.imaginary);
}

/* Whether any channel has a bin that is not 0. */
static inline int has_any(const Array *spectrum)
{
    for (ptrdiff_t row = 0; row < spectrum->rows; row++)
        for (ptrdiff_t k = 0; k < spectrum->columns; k++) {
            const Complex *bin = ROW(*spectrum, const Complex, row) + k;
            if (bin->real != 0.0f || bin->imaginary != 0.0f)
                return 1;
        }
    return 0;
}

#endif
