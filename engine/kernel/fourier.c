/* Stockham's transform, which needs no reordering: four parts at a time, real and imaginary apart.

   P. N. Swarztrauber, "FFT algorithms for vector computers", Parallel Computing, 1984. */

#include "fourier.h"

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

typedef struct {
    float real[LONGEST / 2], imaginary[LONGEST / 2];
} Points;

int can_transform(ptrdiff_t samples, const Array *turns)
{
    return samples >= 8 && samples <= LONGEST && (samples & (samples - 1)) == 0 &&
           turns->columns == samples;
}

/* Combine four parts of `length` points each, of which every `stride`th belongs to one transform. */
INLINE void by_four(const Points *restrict from, Points *restrict to, int length, int stride,
                    const Complex *turns, int every)
{
    const int parts = length / 4, gap = stride * parts;
    for (int p = 0; p < parts; p++) {
        const Complex once = turns[p * every], twice = turns[2 * p * every];
        const Complex thrice = turns[3 * p * every];
        const float *re = from->real + stride * p, *im = from->imaginary + stride * p;
        float *to_re = to->real + 4 * stride * p, *to_im = to->imaginary + 4 * stride * p;
        for (int q = 0; q < stride; q++) {
            const float a = re[q] + re[q + 2 * gap], ai = im[q] + im[q + 2 * gap];
            const float b = re[q] - re[q + 2 * gap], bi = im[q] - im[q + 2 * gap];
            const float c = re[q + gap] + re[q + 3 * gap], ci = im[q + gap] + im[q + 3 * gap];
            /* i times the difference of the second and the fourth */
            const float d = im[q + 3 * gap] - im[q + gap], di = re[q + gap] - re[q + 3 * gap];
            to_re[q] = a + c;
            to_im[q] = ai + ci;
            to_re[q + stride] = (b - d) * once.real - (bi - di) * once.imaginary;
            to_im[q + stride] = (b - d) * once.imaginary + (bi - di) * once.real;
            to_re[q + 2 * stride] = (a - c) * twice.real - (ai - ci) * twice.imaginary;
            to_im[q + 2 * stride] = (a - c) * twice.imaginary + (ai - ci) * twice.real;
            to_re[q + 3 * stride] = (b + d) * thrice.real - (bi + di) * thrice.imaginary;
            to_im[q + 3 * stride] = (b + d) * thrice.imaginary + (bi + di) * thrice.real;
        }
    }
}

/* Transform `count` points, and return which of the two holds them afterwards. */
static Points *transform_points(Points *points, Points *other, int count, const Complex *turns)
{
    int length = count, stride = 1;
    for (; length >= 4; length /= 4, stride *= 4) {
        const int every = 2 * count / length;
        if (stride == 1) /* known to the compiler, the inner loop goes */
            by_four(points, other, length, 1, turns, every);
        else if (stride == 4)
            by_four(points, other, length, 4, turns, every);
        else
            by_four(points, other, length, stride, turns, every);
        Points *now = other;
        other = points;
        points = now;
    }
    if (length == 2) {
        for (int q = 0; q < stride; q++) {
            const float re = points->real[q], im = points->imaginary[q];
            const float re2 = points->real[q + stride], im2 = points->imaginary[q + stride];
            points->real[q] = re + re2;
            points->imaginary[q] = im + im2;
            points->real[q + stride] = re - re2;
            points->imaginary[q + stride] = im - im2;
        }
    }
    return points;
}

void transform(const float *sound, const Complex *turns, int samples, Complex *bins)
{
    /* Even samples as real parts and odd ones as imaginary parts take half the points. */
    Points one, other;
    const int count = samples / 2;
    for (int k = 0; k < count; k++) {
        one.real[k] = sound[2 * k];
        one.imaginary[k] = sound[2 * k + 1];
    }
    const Points *z = transform_points(&one, &other, count, turns);
    bins[0] = (Complex){z->real[0] + z->imaginary[0], 0.0f};
    bins[count] = (Complex){z->real[0] - z->imaginary[0], 0.0f};
    for (int k = 1; k < count; k++) {
        const int m = count - k;
        const float even = 0.5f * (z->real[k] + z->real[m]);
        const float eveni = 0.5f * (z->imaginary[k] - z->imaginary[m]);
        const float odd = 0.5f * (z->imaginary[k] + z->imaginary[m]);
        const float oddi = 0.5f * (z->real[m] - z->real[k]);
        bins[k].real = even + odd * turns[k].real - oddi * turns[k].imaginary;
        bins[k].imaginary = eveni + odd * turns[k].imaginary + oddi * turns[k].real;
    }
}

void transform_back(const Complex *bins, const Complex *turns, int samples, float *sound)
{
    /* As `transform`, the other way; a transform with both parts exchanged turns backwards. */
    Points one, other;
    const int count = samples / 2;
    const float scale = 1.0f / (float)samples;
    one.imaginary[0] = scale * (bins[0].real + bins[count].real);
    one.real[0] = scale * (bins[0].real - bins[count].real);
    for (int k = 1; k < count; k++) {
        const Complex x = bins[k], y = bins[count - k];
        const float even = x.real + y.real, eveni = x.imaginary - y.imaginary;
        const float odd = x.real - y.real, oddi = x.imaginary + y.imaginary;
        const float re = odd * turns[k].real + oddi * turns[k].imaginary;
        const float im = oddi * turns[k].real - odd * turns[k].imaginary;
        one.imaginary[k] = scale * (even - im);
        one.real[k] = scale * (eveni + re);
    }
    const Points *z = transform_points(&one, &other, count, turns);
    for (int k = 0; k < count; k++) {
        sound[2 * k] = z->imaginary[k];
        sound[2 * k + 1] = z->real[k];
    }
}
