/* Turns what a network dreams into what is heard of it; the twins are in dream.py. */

#include <math.h>

#include "fourier.h"
#include "stages.h"

double mix_to_mono(const Array *a, const double *x)
{
    const Array sound = a[0], mono = a[1];
    (void)x;
    FITS(mono.columns == sound.columns && mono.rows == 1 && sound.rows > 0);
    for (ptrdiff_t n = 0; n < sound.columns; n++) {
        float sum = AT(sound, float, 0, n);
        for (ptrdiff_t row = 1; row < sound.rows; row++)
            sum += AT(sound, float, row, n);
        AT(mono, float, 0, n) = sum / (float)sound.rows;
    }
    return 0.0;
}

double approach(const Array *a, const double *x)
{
    const Array held = a[0], wanted = a[1], spectrum = a[2];
    const float kept = (float)x[0];
    int any = 0;
    FITS(SAME(held, wanted) && held.columns == spectrum.columns && held.rows == 1);
    for (ptrdiff_t k = 0; k < held.columns; k++) {
        float *to = &AT(held, float, 0, k), aim = AT(spectrum, float, 0, k);
        AT(wanted, float, 0, k) = aim;
        *to = *to * kept + (1.0f - kept) * aim;
        any |= aim != 0.0f;
    }
    return any;
}

/* e^x as power * (1 + series). */
typedef struct {
    float power, series;
} Exponential;

/* Return e^x to single precision, in steps that a processor can do for several x at once.

   x = n log 2 + r; the power is 2^n, the series that of e^r - 1 to the seventh power. |x| up to
   80. */
static inline Exponential exponential(float x)
{
    const float bounds = x < -80.0f ? -80.0f : x > 80.0f ? 80.0f : x;
    const float n = (bounds * 1.44269504f + 12582912.0f) - 12582912.0f; /* to the nearest integer */
    const float r = (bounds - n * 0.693359375f) + n * 2.12194440e-4f;
    float series = r * (1.0f / 5040.0f) + 1.0f / 720.0f;
    series = series * r + 1.0f / 120.0f;
    series = series * r + 1.0f / 24.0f;
    series = series * r + 1.0f / 6.0f;
    series = series * r + 0.5f;
    series = series * r * r + r;
    union {
        int bits;
        float value;
    } power = {((int)n + 127) << 23}; /* 2^n */
    return (Exponential){power.value, series};
}

/* Return e^x - 1, which keeps its digits where x is small. */
static inline float exponential_less_1(float x)
{
    const Exponential e = exponential(x);
    return e.power * e.series + (e.power - 1.0f);
}

double shape_by_filter(const Array *a, const double *x)
{
    const Array coverage = a[0], inside = a[1], held = a[2];
    const Array spectrum = a[3], dream = a[4], kept = a[5];
    const float fade = (float)x[0], step = (float)x[1], most = (float)x[3];
    const float faint = (float)x[4], silence = (float)x[5];
    const float heard = (float)(x[2] / x[1]); /* of the log-gains, where the step is tiny */
    const int is_scaled = x[2] != 1.0;
    const ptrdiff_t bins = spectrum.columns;
    float log_gain[LONGEST / 2 + 1], power_gain[LONGEST / 2 + 1], change[LONGEST / 2 + 1];
    FITS(bins <= LONGEST / 2 + 1 && held.columns == bins && coverage.columns == bins);
    FITS(inside.columns == bins && SAME(spectrum, dream) && SAME(spectrum, kept));
    FITS(IS_DENSE(spectrum) && IS_DENSE(dream) && IS_DENSE(kept));
    for (ptrdiff_t k = 0; k < bins; k++) {
        log_gain[k] = step * (AT(held, float, 0, k) * fade);
        const Exponential gain = exponential(2.0f * log_gain[k]); /* keeps its digits, too */
        power_gain[k] = (gain.power + gain.power * gain.series) * AT(inside, float, 0, k);
    }
    for (ptrdiff_t row = 0; row < spectrum.rows; row++) {
        const Complex *from = ROW(spectrum, const Complex, row);
        Complex *to = ROW(dream, Complex, row);
        float *gain = ROW(kept, float, row);
        double before = 0.0, after = 0.0;
        for (ptrdiff_t k = 0; k < bins; k++) {
            const float power =
                from[k].real * from[k].real + from[k].imaginary * from[k].imaginary;
            before += power * AT(inside, float, 0, k);
            after += power * power_gain[k];
        }
        const float level = (float)before;
        const float ratio = level / fmaxf((float)after, silence);
        const float even = 0.5f * logf(fmaxf(ratio, silence)), share = level / (level + faint);
        for (ptrdiff_t k = 0; k < bins; k++) {
            const float own = AT(coverage, float, 0, k) * even + log_gain[k];
            gain[k] = (own < most ? own : most) * share;
            change[k] = exponential_less_1(gain[k]);
        }
        for (ptrdiff_t k = 0; k < bins; k++)
            to[k] = (Complex){from[k].real * change[k], from[k].imaginary * change[k]};
        for (ptrdiff_t k = 0; k < bins && is_scaled; k++) {
            to[k] = (Complex){to[k].real / step, to[k].imaginary / step};
            gain[k] *= heard;
        }
    }
    return 0.0;
}

static float level_of(const Complex *bins, ptrdiff_t count)
{
    double sum = 0.0;
    for (ptrdiff_t k = 0; k < count; k++)
        sum += bins[k].real * bins[k].real + bins[k].imaginary * bins[k].imaginary;
    return (float)sqrt(sum / (double)count);
}

/* Return the level of all channels together. */
static float mixed_level(const Array *sound, ptrdiff_t count)
{
    double sum = 0.0;
    for (ptrdiff_t k = 0; k < count; k++) {
        Complex mean = {0.0f, 0.0f};
        for (ptrdiff_t row = 0; row < sound->rows; row++) {
            mean.real += ROW(*sound, const Complex, row)[k].real;
            mean.imaginary += ROW(*sound, const Complex, row)[k].imaginary;
        }
        mean.real /= (float)sound->rows;
        mean.imaginary /= (float)sound->rows;
        sum += mean.real * mean.real + mean.imaginary * mean.imaginary;
    }
    return (float)sqrt(sum / (double)count);
}

double add_tape(const Array *a, const double *x)
{
    const Array sound = a[0], frame = a[1], voice = a[2], dream = a[3];
    const ptrdiff_t band = (ptrdiff_t)x[0];
    const float tiny = (float)x[1], most = (float)x[2];
    float relative = (float)x[3];
    FITS(SAME(sound, voice) && SAME(sound, dream) && frame.rows == 1);
    FITS(frame.columns == sound.columns && band > 0 && band <= sound.columns);
    FITS(IS_DENSE(sound) && IS_DENSE(voice) && IS_DENSE(dream) && IS_DENSE(frame));
    const Complex *added = ROW(frame, const Complex, 0);
    const float loudness = fmaxf(level_of(added, band), tiny);
    if (relative < 0.0f)
        relative = fminf(loudness / fmaxf(mixed_level(&sound, band), tiny), most);
    for (ptrdiff_t row = 0; row < sound.rows; row++) {
        const float own = level_of(ROW(sound, const Complex, row), band);
        const float gain = relative * own / loudness;
        Complex *to = ROW(voice, Complex, row), *all = ROW(dream, Complex, row);
        for (ptrdiff_t k = 0; k < sound.columns; k++) {
            to[k] = (Complex){gain * added[k].real, gain * added[k].imaginary};
            all[k].real += to[k].real;
            all[k].imaginary += to[k].imaginary;
        }
    }
    return relative;
}
