/* Mixes sound and change, and turns the mix into the output; the twins are in output.py. */

#include <math.h>

#include "ring.h"

#define MOST_SAMPLES 1024 /* in a piece: a hop of the longest window */
#define MOST_PEAK 1e4f    /* as loud as this counts what is louder */

/* A gain that is one number, 0 or 1, from beginning to end. */
static inline int is_always(const Ramp *gain, float value)
{
    return gain->change == 0.0f && gain->before == value;
}

/* The newest samples of a ring buffer, gliding from one delay to another. */
typedef struct {
    const float *left, *arrived;
    float count;
} Reading;

static inline Reading read_gliding(const Ring *ring, ptrdiff_t channel, ptrdiff_t count,
                                   double before, double after)
{
    const float *arrived = ring_at(ring, channel, *ring->end - (long long)after - count);
    if (before == after)
        return (Reading){arrived, arrived, (float)count};
    return (Reading){ring_at(ring, channel, *ring->end - (long long)before - count), arrived,
                     (float)count};
}

static inline float reading_at(const Reading *reading, ptrdiff_t n)
{
    if (reading->left == reading->arrived)
        return reading->arrived[n];
    return reading->left[n] +
           (reading->arrived[n] - reading->left[n]) * ((float)(n + 1) / reading->count);
}

static int are_numbers(const float *values, ptrdiff_t count)
{
    int others = 0;
    for (ptrdiff_t n = 0; n < count; n++)
        others += values[n] != values[n];
    return others == 0;
}

double limit(const Array *a, const double *x)
{
    const Array state = a[0], block = a[1];
    const double ceiling = x[0], fall = x[1];
    double *envelope = &AT(state, double, 0, 0);
    float loudest = 0.0f;
    int numbers = 1;
    FITS(state.columns == 2 && IS_DENSE(block));
    for (ptrdiff_t row = 0; row < block.rows; row++) {
        loudest = largest(ROW(block, float, row), block.columns, loudest);
        numbers = numbers && are_numbers(ROW(block, float, row), block.columns);
    }
    if (numbers && *envelope <= ceiling && loudest <= ceiling) {
        *envelope *= pow(fall, (double)block.columns);
        return 0.0;
    }
    for (ptrdiff_t n = 0; n < block.columns; n++) {
        float peak = 0.0f;
        for (ptrdiff_t row = 0; row < block.rows; row++)
            peak = larger(fabsf(AT(block, float, row, n)), peak);
        peak = peak < MOST_PEAK ? peak : MOST_PEAK;
        *envelope = fmax((double)peak, *envelope * fall);
        const float gain = (float)(ceiling / fmax(*envelope, ceiling));
        for (ptrdiff_t row = 0; row < block.rows; row++) {
            float *sample = &AT(block, float, row, n);
            const float quiet = *sample * gain;
            /* The product is rounded; and no number is silence. */
            *sample = quiet == quiet ? bounded(quiet, (float)ceiling) : 0.0f;
        }
    }
    AT(state, double, 0, 1) += 1.0;
    return 1.0;
}

double mix_down(const Array *a, const double *x)
{
    const Ring input = ring_of(&a[0], &a[1]), dry = ring_of(&a[2], &a[3]);
    const Ring wet = ring_of(&a[4], &a[5]);
    const Array change = a[7], out = a[8], added = a[9];
    const double before = x[2], after = x[3], hop = x[1];
    const double clear = x[4], clear_step = x[5], gate = x[6], gate_step = x[7];
    const ptrdiff_t start = (ptrdiff_t)x[0], count = out.columns;
    const Ramp mix = ramp_of(x[8], x[9], hop), level = ramp_of(x[10], x[11], hop);
    const Ramp bypass = ramp_of(x[12], x[13], hop), heard = ramp_of(x[14], x[15], hop);
    const int is_dry = is_always(&mix, 0.0f) || (clear == 0.0 && clear_step == 0.0);
    const double longest = before > after ? before : after;
    float mixes[MOST_SAMPLES], levels[MOST_SAMPLES], shares[MOST_SAMPLES], opens[MOST_SAMPLES];
    FITS(SAME(change, out) && SAME(added, out) && out.rows == a[0].rows && hop > 0.0);
    FITS(SAME(a[0], a[2]) && SAME(a[0], a[4]) && longest + (double)count <= (double)dry.capacity);
    FITS(before >= 0.0 && after >= 0.0 && count <= MOST_SAMPLES);
    FITS(IS_DENSE(change) && IS_DENSE(out) && IS_DENSE(added));
    ramp_fill(&mix, start, count, mixes);
    ramp_fill(&level, start, count, levels);
    ramp_fill(&bypass, start, count, shares);
    ramp_fill(&heard, start, count, opens);
    if (clear != 1.0 || clear_step != 0.0)
        for (ptrdiff_t n = 0; n < count; n++)
            mixes[n] *= line_at(clear, clear_step, n);
    for (ptrdiff_t row = 0; row < out.rows; row++) {
        const Reading came = read_gliding(&input, row, count, before, after);
        const Reading dried = read_gliding(&dry, row, count, before, after);
        const Reading wetted = read_gliding(&wet, row, count, before, after);
        const float *dream = ROW(change, const float, row);
        float *mixed = ROW(out, float, row), *more = ROW(added, float, row);
        for (ptrdiff_t n = 0; n < count; n++)
            mixed[n] = reading_at(&dried, n);
        for (ptrdiff_t n = 0; n < count && !is_dry; n++) {
            mixed[n] += mixes[n] * (reading_at(&wetted, n) - reading_at(&dried, n));
            mixed[n] += mixes[n] * dream[n];
        }
        for (ptrdiff_t n = 0; n < count; n++) {
            more[n] = (mixed[n] - reading_at(&dried, n)) * levels[n];
            mixed[n] *= levels[n];
        }
        for (ptrdiff_t n = 0; n < count && !is_always(&bypass, 0.0f); n++) {
            const float passed = reading_at(&came, n);
            mixed[n] = is_always(&bypass, 1.0f) ? passed
                                                : mixed[n] + shares[n] * (passed - mixed[n]);
        }
    }
    const double most = largest(mixes, count, 0.0f);
    const double ceiling = 1.0 - (1.0 - x[17]) * fmin(1.0, most / x[18]);
    const Array limited[] = {a[6], out};
    const double how[] = {ceiling, x[16]};
    FITS(limit(limited, how) != MISFIT);
    if (is_always(&heard, 1.0f) && gate == 1.0 && gate_step == 0.0)
        return 0.0;
    for (ptrdiff_t row = 0; row < out.rows; row++) {
        float *mixed = ROW(out, float, row), *more = ROW(added, float, row);
        for (ptrdiff_t n = 0; n < count; n++) {
            const float open = line_at(gate, gate_step, n);
            mixed[n] = mixed[n] * opens[n] * open;
            more[n] = more[n] * opens[n] * open;
        }
    }
    return 0.0;
}

double deal_out(const Array *a, const double *x)
{
    const Array sound = a[0], route = a[1], outputs = a[2];
    (void)x;
    FITS(outputs.rows == sound.columns && outputs.columns == route.columns);
    for (ptrdiff_t output = 0; output < outputs.columns; output++) {
        const long long channel = AT(route, long long, 0, output);
        FITS(channel >= 0 && channel < sound.rows);
        for (ptrdiff_t n = 0; n < outputs.rows; n++)
            AT(outputs, float, n, output) = AT(sound, float, channel, n);
    }
    return 0.0;
}
