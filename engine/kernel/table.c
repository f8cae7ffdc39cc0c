/* All stages; each takes what its twin of the same name takes, in the same order. */

#include "table.h"

#define STAGE(name) double name(const Array *arrays, const double *numbers)

STAGE(ring_write);
STAGE(is_finite);
STAGE(take_in);
STAGE(analyse);
STAGE(add_loud_bins);
STAGE(add_frame);
STAGE(share_within_peak);
STAGE(evened);
STAGE(risen_less);
STAGE(within_peaks);
STAGE(follow);
STAGE(match_change);
STAGE(limit);
STAGE(mix_down);
STAGE(deal_out);
STAGE(close_loop);
STAGE(mix_to_mono);
STAGE(approach);
STAGE(shape_by_filter);
STAGE(add_tape);
STAGE(count_changes);
STAGE(zero_input_response);

#define ENTRY(name, arrays, numbers) {#name, name, arrays, numbers}

const Entry ENTRIES[] = {
    /* ring.c */
    ENTRY(ring_write, "FIf", 0),
    ENTRY(is_finite, "f", 0),
    ENTRY(take_in, "FIFIFIff", 6),
    /* frames.c */
    ENTRY(analyse, "fcfC", 0),
    ENTRY(add_loud_bins, "cC", 3),
    ENTRY(add_frame, "cffFfcfF", 3),
    /* level.c */
    ENTRY(share_within_peak, "ffF", 2),
    ENTRY(evened, "DfF", 4),
    ENTRY(risen_less, "DfFf", 3),
    ENTRY(within_peaks, "DfF", 2),
    ENTRY(follow, "DDDFfF", 5),
    ENTRY(match_change, "DDDDDFffF", 9),
    /* output.c */
    ENTRY(limit, "DF", 2),
    ENTRY(mix_down, "fififiDfFF", 19),
    ENTRY(deal_out, "fiF", 0),
    /* loop.c */
    ENTRY(close_loop, "FIDIDfff", 4),
    /* dream.c */
    ENTRY(mix_to_mono, "fF", 0),
    ENTRY(approach, "FFf", 1),
    ENTRY(shape_by_filter, "fffcCF", 6),
    ENTRY(add_tape, "ccCC", 4),
    /* values.c */
    ENTRY(count_changes, "IDIdi", 0),
    /* response.c */
    ENTRY(zero_input_response, "ddD", 0),
    {0, 0, 0, 0},
};
