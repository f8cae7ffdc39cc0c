// Brings the parts of the page together.

import { css, ramp, scaleOf, short } from "./colours.js";
import { Filters, make } from "./filters.js";
import { ItemPanel } from "./item.js";
import { Ranking } from "./list.js";
import { PointMap } from "./map.js";
import { Player } from "./player.js";
import { getJson, getLines, getNumbers, itemPath, post, unpackBits } from "./server.js";

const byId = (id) => document.getElementById(id);
const HOVER_MS = 90; // a pointer that only crosses a point plays nothing
const TYPING_MS = 120;
const FIRST = ["judged_after", "score_after"];

class Page {
  async open() {
    this.about = await getJson("/map");
    const { version, columns, count, left_out, name } = this.about;
    this.columns = new Map(columns.map((column) => [column.name, column]));
    this.values = new Map();
    this.favourites = new Set(this.about.favourites);
    this.chosen = -1;
    this.pinned = false;
    document.title = `${name} · Innerear`;
    byId("name").textContent = name;
    this.said = left_out ? `${count.toLocaleString("en")} dreams, ${left_out.toLocaleString("en")} not on the map` : `${count.toLocaleString("en")} dreams`;
    this.player = new Player(
      () => this.panel.showState(),
      (text) => this.panel.say(text, true),
    );
    this.panel = new ItemPanel(this.player, this.favourites, () => this.refreshFavourites());
    this.ranking = new Ranking(byId("list"), (item) => this.chooseItem(item));
    this.filters = new Filters(byId("controls"), columns, (column) => this.valuesOf(column), () => this.soon());
    this.offerColumns();
    this.listen();
    const [items, places] = await Promise.all([
      getLines(`/map/${version}/items`),
      getNumbers(`/map/${version}/places`),
    ]);
    this.items = items;
    this.index = new Map(items.map((item, at) => [item, at]));
    this.visible = new Uint8Array(count).fill(1);
    try {
      this.map = new PointMap(byId("map"), () => this.placeRing());
      this.map.setPlaces(places);
      this.listenToMap();
    } catch (problem) {
      this.panel.forget(problem.message);
    }
    await this.find();
    document.body.dataset.ready = "true";
  }

  offerColumns() {
    const numbers = [...this.columns.values()].filter((column) => column.kind === "number");
    const options = (columns) => columns.map(({ name, title }) => make("option", { value: name, textContent: title }));
    byId("colour").replaceChildren(...options([...this.columns.values()]));
    byId("rank").replaceChildren(...options(numbers));
    const first = FIRST.find((name) => this.columns.has(name));
    if (first) byId("colour").value = byId("rank").value = first;
  }

  async valuesOf(name) {
    if (!this.values.has(name)) {
      this.values.set(name, await getNumbers(`/map/${this.about.version}/columns/${encodeURIComponent(name)}`));
    }
    return this.values.get(name);
  }

  // What is shown

  /** Finds again in a moment: a slider that moves asks once, not for every pixel. */
  soon() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.find(), TYPING_MS);
  }

  async find() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const by = byId("rank").value;
    const items = byId("only-favourites").checked ? [...this.favourites] : null;
    await this.attempt(async () => {
      const found = await post(`/map/${this.about.version}/matches`, {
        filter: { conditions: this.filters.conditions, items },
        by,
        largest_first: byId("order").getAttribute("aria-pressed") === "true",
      });
      const ranks = this.columns.has(by) ? await this.valuesOf(by) : null;
      if (asked !== this.asked) return; // a newer choice is under way
      this.visible = unpackBits(found.bits, this.items.length);
      byId("sql").textContent = found.where;
      const all = found.count === this.items.length;
      byId("count").textContent = all ? this.said : `${found.count.toLocaleString("en")} of ${this.said}`;
      byId("ranked-by").textContent = "Best";
      this.ranking.show(found.best, ({ item }) => ranks?.[this.index.get(item)]);
      this.ranking.mark(this.panel.wanted);
      await this.paint();
    });
  }

  async paint() {
    const column = this.columns.get(byId("colour").value);
    const values = column ? await this.valuesOf(column.name) : null;
    const scale = scaleOf(column, values);
    this.showLegend(column, scale);
    const kept = [...this.favourites].map((item) => this.index.get(item)).filter((at) => at !== undefined);
    this.map?.paint(scale.of, values, this.visible, kept);
  }

  showLegend(column, scale) {
    const parts = column ? [make("b", { textContent: column.title })] : [];
    if (scale.entries) {
      for (const [text, colour] of scale.entries) {
        const dot = make("span", { className: "dot" });
        dot.style.background = css(colour);
        parts.push(make("div", {}, dot, make("span", { textContent: text || "(none)" })));
      }
    } else {
      const bar = make("canvas", { width: 180, height: 1 });
      const context = bar.getContext("2d");
      for (let at = 0; at < 180; at++) {
        context.fillStyle = css(ramp(at / 179));
        context.fillRect(at, 0, 1, 1);
      }
      const ends = [scale.low, scale.high].map((value) => make("span", { textContent: short(value) }));
      parts.push(bar, make("div", { className: "ends" }, ...ends));
    }
    byId("legend").replaceChildren(...parts);
    byId("legend").hidden = !column;
  }

  async refreshFavourites() {
    if (byId("only-favourites").checked) await this.find();
    else await this.paint();
  }

  async alike() {
    const { wanted } = this.panel;
    if (!wanted) return;
    await this.attempt(async () => {
      const { best } = await getJson(`${itemPath(wanted)}/alike`);
      byId("ranked-by").textContent = "Alike";
      this.ranking.show(best, ({ distance }) => distance);
      this.ranking.mark(wanted);
    });
  }

  async attempt(act) {
    try {
      await act();
    } catch (problem) {
      byId("count").textContent = problem.message;
      this.panel.say(problem.message, true);
    }
  }

  // What is chosen

  /** Shows a point in the panel; `pinned`, it stays there when the pointer moves on. */
  choose(point, { pinned = false, plays = true } = {}) {
    if (point < 0 || (this.pinned && !pinned)) return;
    this.pinned = pinned;
    this.chosen = point;
    this.placeRing();
    this.panel.show(this.items[point], plays);
    this.ranking.mark(this.items[point]);
  }

  chooseItem(item) {
    const point = this.index.get(item) ?? -1;
    if (point < 0) this.panel.show(item, true);
    this.map?.reveal(point);
    this.choose(point, { pinned: true });
  }

  placeRing() {
    const ring = byId("ring");
    ring.hidden = this.chosen < 0 || !this.map;
    if (ring.hidden) return;
    const [x, y] = this.map.onScreen(this.chosen);
    ring.style.transform = `translate(${x}px, ${y}px)`;
  }

  // What the user does

  listen() {
    const on = (id, event, act) => byId(id).addEventListener(event, act);
    on("colour", "change", () => this.attempt(() => this.paint()));
    on("rank", "change", () => this.find());
    on("order", "click", () => {
      const largest = byId("order").getAttribute("aria-pressed") !== "true";
      byId("order").setAttribute("aria-pressed", largest);
      byId("order").textContent = largest ? "\u2193" : "\u2191";
      this.find();
    });
    on("only-favourites", "change", () => this.find());
    on("reset", "click", () => {
      this.filters.reset();
      byId("only-favourites").checked = false;
      this.find();
    });
    on("volume", "input", () => this.player.setVolume(Number(byId("volume").value)));
    on("alike", "click", () => this.alike());
    on("keys", "click", () => byId("help").showModal());
    on("copy", "click", async () => {
      await navigator.clipboard.writeText(byId("sql").textContent);
      byId("copy").textContent = "Copied";
      setTimeout(() => (byId("copy").textContent = "Copy"), 1500);
    });
    this.player.setVolume(Number(byId("volume").value));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  listenToMap() {
    const canvas = byId("map");
    let drag = null;
    let moved = false;
    canvas.addEventListener("pointerdown", (event) => {
      drag = [event.offsetX, event.offsetY];
      moved = false;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (drag && event.buttons) {
        const [x, y] = [event.offsetX - drag[0], event.offsetY - drag[1]];
        if (!moved && Math.hypot(x, y) < 4) return;
        moved = true;
        canvas.classList.add("moving");
        drag = [event.offsetX, event.offsetY];
        this.map.pan(x, y);
      } else this.hover(event.offsetX, event.offsetY);
    });
    canvas.addEventListener("pointerup", (event) => {
      canvas.classList.remove("moving");
      if (drag && !moved) {
        const point = this.map.find(event.offsetX, event.offsetY);
        this.pinned = false;
        if (point >= 0) this.choose(point, { pinned: true });
      }
      drag = null;
    });
    canvas.addEventListener("pointerleave", () => this.hover(-1e6, -1e6));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
        this.map.zoomBy(Math.exp(-event.deltaY * lines * 0.0015), event.offsetX, event.offsetY);
      },
      { passive: false },
    );
    canvas.addEventListener("dblclick", (event) => this.map.zoomBy(2, event.offsetX, event.offsetY));
    byId("zoom-in").addEventListener("click", () => this.map.zoomBy(1.5));
    byId("zoom-out").addEventListener("click", () => this.map.zoomBy(1 / 1.5));
    byId("fit").addEventListener("click", () => this.map.fit());
  }

  hover(x, y) {
    this.pointer = [x, y];
    if (this.looking) return;
    this.looking = requestAnimationFrame(() => {
      this.looking = 0;
      const point = this.map.find(...this.pointer);
      if (point === this.under) return;
      this.under = point;
      byId("map").style.cursor = point < 0 ? "" : "pointer";
      clearTimeout(this.waiting);
      if (point < 0) {
        if (!this.pinned) this.player.stop();
        return;
      }
      this.waiting = setTimeout(() => this.choose(point, { plays: byId("hover").checked }), HOVER_MS);
    });
  }

  key(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || byId("help").open) return;
    if (target.matches("input, select, textarea, summary")) return;
    if (key === " " && target.matches("button, a")) return; // presses it
    const onMap = target === byId("map") || target === document.body;
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const acts = {
      " ": () => this.panel.toggle(),
      x: () => this.panel.switchSound(),
      f: () => this.panel.toggleFavourite(),
      l: () => this.panel.playLive(),
      A: () => this.panel.playLive("a"),
      B: () => this.panel.playLive("b"),
      s: () => byId("get-sound").href && byId("get-sound").click(),
      p: () => byId("get-preset").href && byId("get-preset").click(),
      n: () => this.alike(),
      "+": () => this.map?.zoomBy(1.5),
      "=": () => this.map?.zoomBy(1.5),
      "-": () => this.map?.zoomBy(1 / 1.5),
      0: () => this.map?.fit(),
      "?": () => byId("help").showModal(),
      Escape: () => {
        this.pinned = false;
        this.player.stop();
      },
    };
    const act = onMap && directions[key] ? () => this.step(directions[key]) : acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  step(direction) {
    if (!this.map) return;
    const point = this.map.next(this.chosen, direction);
    if (point < 0) return;
    this.map.reveal(point);
    this.choose(point, { pinned: true });
  }
}

const page = new Page();
page.open().catch((problem) => {
  byId("count").textContent = problem.message;
});
