/* What every stage of the kernel gets, and how it refuses what does not fit. */

#ifndef INNEREAR_STAGES_H
#define INNEREAR_STAGES_H

#include <float.h>
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

#endif
