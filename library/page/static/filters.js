// The controls that choose: a range for numbers, boxes for texts, a field where there are many.

import { short } from "./colours.js";

const STEPS = 1000;
const BINS = 60;

export class Filters {
  /** `valuesOf` promises a column's values; `changed` is called after each choice. */
  constructor(holder, columns, valuesOf, changed) {
    this.controls = columns.map((column) => {
      const make = column.kind === "number" ? range : column.listed ? boxes : field;
      return make(column, () => {
        this.mark();
        changed();
      });
    });
    holder.replaceChildren(...this.controls.map((control) => control.element));
    // A histogram is drawn once its column is looked at: a library may have many.
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        const control = this.controls.find((each) => each.element === target);
        if (!isIntersecting || !control?.drawHistogram) continue;
        seen.unobserve(target);
        valuesOf(control.column.name).then(control.drawHistogram, () => {});
      }
    });
    this.controls.forEach((control) => seen.observe(control.element));
  }

  get conditions() {
    return this.controls.flatMap((control) => control.condition() ?? []);
  }

  reset() {
    this.controls.forEach((control) => control.reset());
    this.mark();
  }

  mark() {
    for (const control of this.controls) {
      control.element.classList.toggle("on", Boolean(control.condition()));
    }
  }
}

export function make(kind, properties = {}, ...children) {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
}

function frame(column, said, ...parts) {
  const title = make("legend", {}, make("b", { textContent: column.title }), said);
  return make("fieldset", {}, title, ...parts);
}

function range(column, changed) {
  const { low, high } = column;
  const said = make("span");
  const sliders = ["lowest", "highest"].map((which) =>
    make("input", { type: "range", min: 0, max: STEPS, step: 1, ariaLabel: `${column.title}, ${which}` }),
  );
  const valueAt = (position) => low + ((high - low) * position) / STEPS;
  const positions = () => sliders.map((slider) => Number(slider.value));
  const show = () => {
    const [from, to] = positions().map(valueAt);
    said.textContent = `${short(from)} – ${short(to)}`;
    sliders[0].setAttribute("aria-valuetext", short(from));
    sliders[1].setAttribute("aria-valuetext", short(to));
    // Both at an end: the one that can still move lies on top.
    sliders[0].style.zIndex = positions()[0] > STEPS / 2 ? 2 : 1;
  };
  const reset = () => {
    sliders[0].value = 0;
    sliders[1].value = STEPS;
    show();
  };
  sliders.forEach((slider, which) =>
    slider.addEventListener("input", () => {
      const [from, to] = positions();
      if (from > to) slider.value = which ? from : to;
      show();
      changed();
    }),
  );
  const histogram = make("canvas", { width: 244, height: 28, ariaHidden: "true" });
  reset();
  return {
    column,
    element: frame(column, said, histogram, make("div", { className: "range" }, ...sliders)),
    reset,
    drawHistogram: (values) => drawHistogram(histogram, values, low, high),
    condition() {
      const [from, to] = positions();
      if (from === 0 && to === STEPS) return null;
      const least = from === 0 ? null : rounded(valueAt(from), high - low);
      const most = to === STEPS ? null : rounded(valueAt(to), high - low);
      return { kind: "between", column: column.name, low: least, high: most };
    },
  };
}

/** A value in as many digits as a slider can choose, so that the condition is short to read. */
function rounded(value, span) {
  const digits = Math.min(Math.max(3 - Math.floor(Math.log10(span)), 0), 12);
  return Number(value.toFixed(digits));
}

function drawHistogram(canvas, values, low, high) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) {
    if (Number.isFinite(value)) {
      counts[Math.min(Math.floor((BINS * (value - low)) / (high - low || 1)), BINS - 1)]++;
    }
  }
  const context = canvas.getContext("2d");
  const most = Math.max(...counts);
  const width = canvas.width / BINS;
  context.fillStyle = "#4a586e";
  counts.forEach((count, at) => {
    const height = count && Math.max(1, Math.sqrt(count / most) * canvas.height);
    context.fillRect(at * width, canvas.height - height, width - 1, height);
  });
}

function boxes(column, changed) {
  const said = make("span", { textContent: "all" });
  const inputs = column.texts.map((text) => make("input", { type: "checkbox", value: text }));
  const order = column.texts.map((_, at) => at);
  if (column.texts.length > 6) order.sort((one, other) => column.counts[other] - column.counts[one]);
  const labels = order.map((at) =>
    make(
      "label",
      { title: column.texts[at] },
      inputs[at],
      make("span", { textContent: column.texts[at] || "(none)" }),
      make("small", { textContent: column.counts[at] }),
    ),
  );
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const show = () => (said.textContent = chosen().length ? `${chosen().length} of ${inputs.length}` : "all");
  inputs.forEach((input) =>
    input.addEventListener("change", () => {
      show();
      changed();
    }),
  );
  return {
    column,
    element: frame(column, said, make("div", { className: "texts" }, ...labels)),
    reset() {
      inputs.forEach((input) => (input.checked = false));
      show();
    },
    condition: () => (chosen().length ? { kind: "one-of", column: column.name, values: chosen() } : null),
  };
}

function field(column, changed) {
  const said = make("span", { textContent: `${column.texts.length} different` });
  const input = make("input", {
    type: "text",
    placeholder: "contains …",
    maxLength: 200,
    ariaLabel: `${column.title} contains`,
  });
  input.addEventListener("input", changed);
  return {
    column,
    element: frame(column, said, input),
    reset: () => (input.value = ""),
    condition: () => (input.value ? { kind: "contains", column: column.name, text: input.value } : null),
  };
}
