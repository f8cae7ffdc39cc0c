/* All stages: their names, what arrays they take, and how many numbers follow. */

#ifndef INNEREAR_TABLE_H
#define INNEREAR_TABLE_H

#include "stages.h"

/* A stage; for each array a letter: f float32, c complex64, d float64, i int64, large if written. */
typedef struct {
    const char *name;
    Stage run;
    const char *arrays;
    int numbers;
} Entry;

extern const Entry ENTRIES[]; /* ends with a name of NULL */

#endif
