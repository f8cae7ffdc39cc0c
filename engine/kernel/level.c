/* Keeps a filtered sound as loud as the sound; the twins are in level.py. */

#include "level.h"

#include <math.h>

float share_of(const float *sound, const float *change, ptrdiff_t samples, float most, float tiny)
{
    const float peak = most * largest(sound, samples, 0.0f);
    float loudest[8] = {0.0f}, share = 1.0f;
    ptrdiff_t done = 0;
    for (; done + 8 <= samples; done += 8)
        for (int lane = 0; lane < 8; lane++)
            loudest[lane] = larger(fabsf(sound[done + lane] + change[done + lane]), loudest[lane]);
    for (; done < samples; done++)
        loudest[0] = larger(fabsf(sound[done] + change[done]), loudest[0]);
    if (largest(loudest, 8, 0.0f) <= peak)
        return 1.0f;
    for (ptrdiff_t n = 0; n < samples; n++) {
        const float sign = change[n] > 0.0f ? 1.0f : change[n] < 0.0f ? -1.0f : 0.0f;
        const float amount = larger(fabsf(change[n]), tiny);
        const float own = (peak - sign * sound[n]) / amount;
        share = own < share ? own : share;
    }
    return share;
}

/* Return the share for one row of two arrays. */
double share_within_peak(const Array *a, const double *x)
{
    const Array sound = a[0], change = a[1], share = a[2];
    FITS(SAME(sound, change) && IS_DENSE(sound) && IS_DENSE(change) && share.rows == sound.rows);
    for (ptrdiff_t row = 0; row < sound.rows; row++)
        AT(share, float, row, 0) =
            share_of(ROW(sound, const float, row), ROW(change, const float, row), sound.columns,
                     (float)x[0], (float)x[1]);
    return 0.0;
}

/* Both powers of one channel, sample after sample. */
typedef struct {
    double sound, filtered, fall, silence;
} Powers;

static inline void take_sample(Powers *powers, float sound, float filtered)
{
    powers->sound = powers->sound * powers->fall + (double)sound * sound;
    powers->filtered = powers->filtered * powers->fall + (double)filtered * filtered;
}

/* Return the square of the gain that brings one level to the other. */
static inline double wanted_power(const Powers *powers)
{
    return (powers->sound + powers->silence) / (powers->filtered + powers->silence);
}

static inline double within(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

double evened(const Array *a, const double *x)
{
    const Array state = a[0], sound = a[1], filtered = a[2];
    const double deviation = x[2], most = x[3];
    FITS(SAME(sound, filtered) && state.rows == 2 && state.columns == sound.rows);
    for (ptrdiff_t row = 0; row < sound.rows; row++) {
        Powers powers = {AT(state, double, 0, row), AT(state, double, 1, row), x[0], x[1]};
        for (ptrdiff_t n = 0; n < sound.columns; n++) {
            float *value = &AT(filtered, float, row, n);
            take_sample(&powers, AT(sound, float, row, n), *value);
            const double wanted = sqrt(wanted_power(&powers));
            const double gain = wanted / within(wanted, 1.0 / deviation, deviation);
            *value = (float)(*value * within(gain, 1.0 / most, most));
        }
        AT(state, double, 0, row) = powers.sound;
        AT(state, double, 1, row) = powers.filtered;
    }
    return 0.0;
}

double risen_less(const Array *a, const double *x)
{
    const Array state = a[0], sound = a[1], filtered = a[2], lift = a[3];
    FITS(SAME(sound, filtered) && state.rows == 2 && state.columns == sound.rows);
    FITS(lift.rows == sound.rows);
    for (ptrdiff_t row = 0; row < sound.rows; row++) {
        Powers powers = {AT(state, double, 0, row), AT(state, double, 1, row), x[0], x[1]};
        const double allowed = AT(lift, float, row, 0) * x[2];
        for (ptrdiff_t n = 0; n < sound.columns; n++) {
            float *value = &AT(filtered, float, row, n);
            take_sample(&powers, AT(sound, float, row, n), *value);
            /* Most sounds need no gain; a square root and a division take longer than all else. */
            if (allowed * allowed * (powers.sound + x[1]) < powers.filtered + x[1])
                *value = (float)(*value * allowed * sqrt(wanted_power(&powers)));
        }
        AT(state, double, 0, row) = powers.sound;
        AT(state, double, 1, row) = powers.filtered;
    }
    return 0.0;
}

double within_peaks(const Array *a, const double *x)
{
    const Array peaks = a[0], sound = a[1], filtered = a[2];
    const double fall = x[0], most = x[1];
    FITS(SAME(sound, filtered) && peaks.columns == sound.rows);
    for (ptrdiff_t row = 0; row < sound.rows; row++) {
        double peak = AT(peaks, double, 0, row);
        for (ptrdiff_t n = 0; n < sound.columns; n++) {
            float *value = &AT(filtered, float, row, n);
            const double own = fabsf(AT(sound, float, row, n));
            peak = own > peak * fall ? own : peak * fall;
            *value = (float)within(*value, -peak * most, peak * most);
        }
        AT(peaks, double, 0, row) = peak;
    }
    return 0.0;
}

static double mean_square(const Array *sound, ptrdiff_t row)
{
    double sum = 0.0;
    for (ptrdiff_t n = 0; n < sound->columns; n++) {
        const double value = AT(*sound, float, row, n);
        sum += value * value;
    }
    return sum / (double)sound->columns;
}

double follow(const Array *a, const double *x)
{
    const Array before = a[0], after = a[1], applied = a[2], gain = a[3];
    const Array sound = a[4], filtered = a[5];
    const double *kept = x, *most = x + 2, silence = x[4];
    FITS(SAME(sound, filtered) && sound.columns > 0 && gain.rows == sound.rows);
    FITS(before.rows == 2 && before.columns == sound.rows);
    FITS(SAME(before, after) && SAME(before, applied));
    for (ptrdiff_t row = 0; row < sound.rows; row++) {
        const double powers[2] = {mean_square(&sound, row), mean_square(&filtered, row)};
        double gains[2];
        for (int pace = 0; pace < 2; pace++) {
            double *own = &AT(before, double, pace, row), *other = &AT(after, double, pace, row);
            *own = *own * kept[pace] + powers[0];
            *other = *other * kept[pace] + powers[1] / AT(applied, double, pace, row);
            gains[pace] = within(sqrt((*own + silence) / (*other + silence)), 1.0 / most[pace],
                                 most[pace]);
        }
        const float level = AT(gain, float, row, 0) = (float)(gains[0] * gains[1]);
        AT(applied, double, 0, row) = (double)(level * level);
        AT(applied, double, 1, row) = gains[1] * gains[1];
    }
    return 0.0;
}

double match_change(const Array *a, const double *x)
{
    /* powers, peaks, before, after, applied, gain, lift, sound, change */
    const Array sound = a[7], change = a[8];
    const Array to_rise[] = {a[0], sound, change, a[6]}, to_peak[] = {a[1], sound, change};
    const Array to_follow[] = {a[2], a[3], a[4], a[5], sound, change};
    const double how[] = {x[5], x[6], x[7], x[8], x[1]};
    FITS(SAME(sound, change));
    for (ptrdiff_t row = 0; row < sound.rows; row++)
        for (ptrdiff_t n = 0; n < sound.columns; n++)
            AT(change, float, row, n) += AT(sound, float, row, n);
    FITS(risen_less(to_rise, x) != MISFIT);
    FITS(within_peaks(to_peak, x + 3) != MISFIT);
    FITS(follow(to_follow, how) != MISFIT);
    for (ptrdiff_t row = 0; row < sound.rows; row++)
        for (ptrdiff_t n = 0; n < sound.columns; n++)
            AT(change, float, row, n) -= AT(sound, float, row, n);
    return 0.0;
}
