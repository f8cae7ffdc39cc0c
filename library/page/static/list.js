// The list of the best, or of what is alike.

import { short } from "./colours.js";
import { make } from "./filters.js";
import { titleOf, underOf } from "./item.js";

export class Ranking {
  /** `chosen` is called with the name of an item. */
  constructor(holder, chosen) {
    this.holder = holder;
    this.chosen = chosen;
    this.items = [];
    holder.addEventListener("click", (event) => this.choose(event.target.closest("li")));
    holder.addEventListener("keydown", (event) => this.key(event));
  }

  /** Lists rows, with the value of each by `numberOf`. */
  show(rows, numberOf) {
    this.items = rows.map((row) => row.item);
    this.holder.replaceChildren(
      ...rows.map((row, at) =>
        make(
          "li",
          { tabIndex: at ? -1 : 0, role: "option", ariaSelected: "false" },
          make("span", { textContent: titleOf(row), title: titleOf(row) }),
          make("span", { className: "number", textContent: text(numberOf(row)) }),
          make("span", { className: "quiet", textContent: underOf(row) }),
        ),
      ),
    );
    if (!rows.length) this.holder.append(make("li", { className: "quiet", textContent: "Nothing." }));
  }

  /** Marks the item that is shown in the panel. */
  mark(item) {
    [...this.holder.children].forEach((entry, at) => {
      const is = this.items[at] === item;
      entry.ariaSelected = String(is);
      if (is) entry.scrollIntoView({ block: "nearest" });
    });
  }

  choose(entry) {
    const item = entry && this.items[[...this.holder.children].indexOf(entry)];
    if (!item) return;
    for (const each of this.holder.children) each.tabIndex = each === entry ? 0 : -1;
    entry.focus();
    this.chosen(item);
  }

  key(event) {
    const entries = [...this.holder.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1, Enter: at }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(entries[Math.min(Math.max(to, 0), entries.length - 1)]);
  }
}

const text = (value) => (typeof value === "number" ? short(value) : (value ?? ""));
