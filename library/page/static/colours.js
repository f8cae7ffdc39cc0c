// What colour a value has.

const RAMP = ["#6a5cb4", "#9a4a9e", "#c94f72", "#ee7b4c", "#ffbf5f", "#fff6dd"].map(rgb);
const TEXTS = ["#ffb454", "#62d0ff", "#7fd18b", "#ff7a70", "#c49bff", "#f2e26b", "#5fd6c0", "#ff9ed2", "#8fa8ff", "#c8a27a"]
  .map(rgb);
const OTHER = rgb("#75839a");
export const HIDDEN = [62, 73, 92, 110];

function rgb(text) {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

/** A colour for 0 to 1, from dark to light. */
export function ramp(position) {
  const at = Math.min(Math.max(position, 0), 1) * (RAMP.length - 1);
  const index = Math.min(Math.floor(at), RAMP.length - 2);
  return RAMP[index].map((from, part) => from + (RAMP[index + 1][part] - from) * (at - index));
}

/**
 * Returns how a column is coloured.
 *
 * Numbers go from dark to light, between the values that a fiftieth of the items lies below and
 * above: a few far away would make the others all alike. The ten most frequent texts have colours
 * of their own.
 */
export function scaleOf(column, values) {
  if (!column) return { of: () => RAMP[4], entries: [] };
  if (column.kind === "text") {
    const order = column.texts.map((_, at) => at).sort((a, b) => column.counts[b] - column.counts[a]);
    const colours = new Array(column.texts.length).fill(OTHER);
    order.slice(0, TEXTS.length).forEach((text, at) => (colours[text] = TEXTS[at]));
    const entries = order.slice(0, TEXTS.length).map((text) => [column.texts[text], colours[text]]);
    const others = order.length - TEXTS.length;
    if (others > 0) entries.push([`${others} others`, OTHER]);
    return { of: (value) => colours[value] ?? OTHER, entries };
  }
  const sorted = values.filter(Number.isFinite).sort();
  const low = sorted[Math.floor(0.02 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.98 * (sorted.length - 1))];
  const span = high - low || 1;
  return {
    of: (value) => (Number.isFinite(value) ? ramp((value - low) / span) : OTHER),
    low,
    high,
  };
}

export const css = (colour) => `rgb(${colour.slice(0, 3).map(Math.round).join(" ")})`;

/** A number in few digits. */
export function short(value) {
  if (!Number.isFinite(value)) return "";
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return size < 0.001 && size > 0 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
