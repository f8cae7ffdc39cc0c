/* What every stage of the kernel gets, and how it refuses what does not fit. */

#ifndef INNEREAR_STAGES_H
#define INNEREAR_STAGES_H

#include <float.h>
#include <math.h>
#include <stddef.h>

/* An array of one or two dimensions, in its own element type. One row where it has one dimension. */
typedef struct {
    void *data;
    ptrdiff_t rows, columns;
    ptrdiff_t stride; /* elements from a row to the next */
    ptrdiff_t step;   /* elements from a column to the next */
} Array;

typedef struct {
    float real, imaginary;
} Complex;

/* Computes one stage, and returns what its twin returns: a number, or 0 where that is nothing. */
typedef double (*Stage)(const Array *arrays, const double *numbers);

/* What a stage returns that was given arrays which do not fit together. */
#define MISFIT (-DBL_MAX)
#define FITS(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return MISFIT;                                                                         \
    } while (0)

#define AT(array, type, row, column)                                                               \
    (((type *)(array).data)[(row) * (array).stride + (column) * (array).step])
/* A row whose elements lie side by side; FITS(IS_DENSE(array)) before. */
#define ROW(array, type, row) (&((type *)(array).data)[(row) * (array).stride])
#define IS_DENSE(array) ((array).step == 1 || (array).columns < 2)
#define SAME(a, b) ((a).rows == (b).rows && (a).columns == (b).columns)

/* Return the larger of two numbers; unlike fmaxf one instruction. */
static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

static inline float bounded(float value, float most)
{
    return value < -most ? -most : value > most ? most : value;
}

/* Return the largest magnitude, at least `least`; eight maxima at once, which processors can. */
static inline float largest(const float *values, ptrdiff_t count, float least)
{
    float maxima[8] = {0.0f};
    ptrdiff_t n = 0;
    for (; n + 8 <= count; n += 8)
        for (int lane = 0; lane < 8; lane++)
            maxima[lane] = larger(fabsf(values[n + lane]), maxima[lane]);
    for (; n < count; n++)
        maxima[0] = larger(fabsf(values[n]), maxima[0]);
    for (int lane = 0; lane < 8; lane++)
        least = larger(maxima[lane], least);
    return least;
}

#endif
