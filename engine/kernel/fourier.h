/* Fourier transforms of real sound, in single precision, for lengths that are powers of 2. */

#ifndef INNEREAR_FOURIER_H
#define INNEREAR_FOURIER_H

#include "stages.h"

#define LONGEST 4096 /* samples in a frame */

/* Whether frames of so many samples can be transformed with a table of their turns. */
int can_transform(ptrdiff_t samples, const Array *turns);

/* Transform `samples` real samples into samples / 2 + 1 bins.

   turns: e^(-2 pi i k / samples) for k from 0 to samples - 1. */
void transform(const float *sound, const Complex *turns, int samples, Complex *bins);

/* Transform bins back; what is imaginary in the first and the last one does not count. */
void transform_back(const Complex *bins, const Complex *turns, int samples, float *sound);

#endif
