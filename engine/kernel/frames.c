/* Frames of a stream: their spectra, and what they add; the twins are in frames.py. */

#include <math.h>
#include <string.h>

#include "fourier.h"
#include "level.h"
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

double analyse(const Array *a, const double *x)
{
    const Array window = a[0], turns = a[1], frame = a[2], spectrum = a[3];
    const ptrdiff_t samples = frame.columns;
    float windowed[LONGEST];
    (void)x;
    FITS(can_transform(samples, &turns) && window.columns == samples && IS_DENSE(frame));
    FITS(spectrum.rows == frame.rows && spectrum.columns == samples / 2 + 1 && IS_DENSE(spectrum));
    for (ptrdiff_t row = 0; row < frame.rows; row++) {
        const float *from = ROW(frame, const float, row), *weights = ROW(window, const float, 0);
        for (ptrdiff_t n = 0; n < samples; n++)
            windowed[n] = from[n] * weights[n];
        transform(windowed, ROW(turns, const Complex, 0), (int)samples,
                  ROW(spectrum, Complex, row));
    }
    return 0.0;
}

double add_loud_bins(const Array *a, const double *x)
{
    const Array dream = a[0], change = a[1];
    const float step = (float)x[0], threshold = (float)x[1], tiny = (float)x[2];
    enum { PIECE = LONGEST / 2 + 1 }; /* offline, spectra may be longer than a stream's */
    float magnitude[PIECE];
    FITS(SAME(dream, change) && IS_DENSE(dream) && IS_DENSE(change));
    for (ptrdiff_t row = 0; row < dream.rows; row++) {
        const Complex *from = ROW(dream, const Complex, row);
        Complex *to = ROW(change, Complex, row);
        float peak = tiny;
        for (ptrdiff_t at = 0; at < dream.columns; at += PIECE) {
            const ptrdiff_t left = dream.columns - at, count = left < PIECE ? left : PIECE;
            for (ptrdiff_t k = 0; k < count; k++)
                magnitude[k] = size_of(from[at + k]);
            peak = largest(magnitude, count, peak);
        }
        for (ptrdiff_t k = 0; k < dream.columns; k++) {
            const float gain = size_of(from[k]) / peak > threshold ? step : 0.0f;
            to[k] = (Complex){gain * from[k].real, gain * from[k].imaginary};
        }
    }
    return 0.0;
}

double add_frame(const Array *a, const double *x)
{
    const Array turns = a[0], synthesis = a[1], both = a[2], sum = a[3], gain = a[4];
    const Array change = a[5], newest = a[6], finished = a[7];
    const ptrdiff_t samples = sum.columns, hop = finished.columns;
    float added[LONGEST], own[LONGEST];
    int finite = 1;
    FITS(can_transform(samples, &turns) && synthesis.columns == samples);
    FITS(both.columns == samples && hop <= samples && IS_DENSE(change) && IS_DENSE(newest));
    FITS(change.columns == samples / 2 + 1 && change.rows == sum.rows && SAME(newest, sum));
    FITS(finished.rows == sum.rows && IS_DENSE(finished) && gain.rows == sum.rows);
    const int is_filter = x[0] != 0.0 && has_any(&change);
    for (ptrdiff_t row = 0; row < sum.rows; row++) {
        float *total = ROW(sum, float, row), *out = ROW(finished, float, row);
        const float *weights = ROW(synthesis, const float, 0);
        transform_back(ROW(change, const Complex, row), ROW(turns, const Complex, 0), (int)samples,
                       added);
        for (ptrdiff_t n = 0; n < samples; n++)
            added[n] *= weights[n];
        if (is_filter) {
            const float *sound = ROW(newest, const float, row);
            const float *weight = ROW(both, const float, 0), level = AT(gain, float, row, 0);
            for (ptrdiff_t n = 0; n < samples; n++)
                own[n] = sound[n] * weight[n];
            const float share = share_of(own, added, samples, (float)x[1], (float)x[2]) * level;
            for (ptrdiff_t n = 0; n < samples; n++)
                added[n] = added[n] * share + (level - 1.0f) * own[n];
        }
        for (ptrdiff_t n = 0; n < samples; n++)
            total[n] += added[n];
        for (ptrdiff_t n = 0; n < hop; n++) {
            out[n] = total[n];
            finite &= isfinite(out[n]) != 0;
        }
        memmove(total, total + hop, (samples - hop) * sizeof(float));
        memset(total + samples - hop, 0, hop * sizeof(float));
    }
    return finite;
}
