/* What other stages take from level.c. */

#ifndef INNEREAR_LEVEL_H
#define INNEREAR_LEVEL_H

#include "stages.h"

/* Return the share of a change to a sound that keeps its peak near the sound's; see level.py. */
float share_of(const float *sound, const float *change, ptrdiff_t samples, float most, float tiny);

#endif
