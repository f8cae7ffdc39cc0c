// Draws the points with WebGL, and finds them again: by the pointer, and by the arrow keys.

import { HIDDEN } from "./colours.js";

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 centre, scale;
uniform float size;
out vec4 shade;
void main() {
  gl_Position = vec4((place - centre) * scale, 0.0, 1.0);
  gl_PointSize = size;
  shade = colour;
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 shade;
uniform bool ring;
out vec4 shown;
void main() {
  float radius = 2.0 * length(gl_PointCoord - 0.5);
  float inside = 1.0 - smoothstep(0.8, 1.0, radius);
  if (ring) inside *= smoothstep(0.5, 0.66, radius);
  if (inside <= 0.0) discard;
  shown = vec4((ring ? vec3(1.0, 0.85, 0.5) : shade.rgb), shade.a * inside);
}`;
const MARGIN = 0.86;
const MOST_ZOOM = 4000;
const REACH = 14; // pixels between the pointer and what it is at

// While the map moves, so many points are drawn as keep it fluent; once it rests, all are.
const LEVELS = 5; // each has half as many points as the one before
const SLOW_MS = 30; // between two frames: then the next are drawn with fewer points
const REST_MS = 250; // without a movement

export class PointMap {
  /** `moved` is called after everything that changes where a point is on the screen. */
  constructor(canvas, moved) {
    this.canvas = canvas;
    this.moved = moved;
    this.places = new Float32Array();
    this.count = 0;
    this.visible = new Uint8Array();
    this.centre = [0, 0];
    this.zoom = 1;
    this.levels = [[]];
    this.level = 0;
    this.drawnAt = 0;
    this.since = 0; // milliseconds between the last two frames, at most REST_MS
    this.slow = 0;
    this.moving = this.wasMoving = false;
    this.waiting = false;
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: false, alpha: false }));
    if (!gl) throw new Error("This browser has no WebGL 2: the list works, the map does not.");
    this.program = link(gl);
    this.buffers = { place: gl.createBuffer(), colour: gl.createBuffer(), order: gl.createBuffer() };
    this.uniforms = Object.fromEntries(
      ["centre", "scale", "size", "ring"].map((name) => [name, gl.getUniformLocation(this.program, name)]),
    );
    new ResizeObserver(() => this.draw()).observe(canvas);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => location.reload());
  }

  setPlaces(places) {
    this.places = places;
    this.count = places.length / 2;
    this.visible = new Uint8Array(this.count).fill(1);
    this.fill("place", places);
    const middle = [0, 1].map((axis) => {
      let low = Infinity;
      let high = -Infinity;
      for (let at = axis; at < places.length; at += 2) {
        low = Math.min(low, places[at]);
        high = Math.max(high, places[at]);
      }
      return this.count ? [(low + high) / 2, Math.max(high - low, 1e-3) / 2] : [0, 1];
    });
    this.home = { centre: middle.map((each) => each[0]), half: middle.map((each) => each[1]) };
    this.fit();
  }

  /**
   * Colours all points and says which are let through. These are drawn last, those of high values
   * above the others; favourites get a ring.
   */
  paint(colourOf, values, visible, favourites) {
    this.visible = visible;
    const colours = new Uint8Array(4 * this.count);
    const order = [];
    for (let at = 0; at < this.count; at++) {
      colours.set(visible[at] ? colourOf(values?.[at]) : HIDDEN, 4 * at);
      if (visible[at]) colours[4 * at + 3] = 225;
      order.push(at);
    }
    const height = (at) => (Number.isFinite(values[at]) ? values[at] : -Infinity);
    if (values) order.sort((one, other) => height(one) - height(other) || one - other);
    const hidden = order.filter((at) => !visible[at]);
    const shown = order.filter((at) => visible[at]);
    const rings = favourites.filter((at) => visible[at]);
    // The numbers of points have nothing to do with what they are: any half of them is a fair one.
    const drawn = [];
    const part = (points, look) => {
      const from = drawn.length;
      for (const point of points) drawn.push(point);
      return { from, count: points.length, ...look };
    };
    this.levels = Array.from({ length: LEVELS }, (_, level) => {
      const kept = (at) => at % 2 ** level === 0;
      return [
        part(hidden.filter(kept), { factor: 0.7 }),
        part(shown.filter(kept), { factor: 1 }),
        part(rings, { factor: 2.4, ring: true }),
      ];
    });
    this.fill("colour", colours);
    this.gl.bindBuffer(this.gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(drawn), this.gl.STATIC_DRAW);
    this.draw();
  }

  fill(name, values) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.STATIC_DRAW);
  }

  /** Draws with the next frame; any number of calls before are one. */
  draw(moving = false) {
    clearTimeout(this.resting);
    if (moving) this.resting = setTimeout(() => this.draw(), Math.max(REST_MS, 4 * this.since));
    this.moving = moving;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame((now) => {
      this.waiting = false;
      this.keepPace(now);
      this.drawNow(this.levels[this.moving ? this.level : 0]);
      this.moved();
    });
  }

  /** Takes fewer points where frames come slowly; each movement begins with a few more again. */
  keepPace(now) {
    const since = now - this.drawnAt;
    this.since = Math.min(since, REST_MS);
    this.drawnAt = now;
    if (this.moving && !this.wasMoving) this.level = Math.max(this.level - 1, 0);
    this.slow = this.moving && this.wasMoving && since > SLOW_MS ? this.slow + 1 : 0;
    if (this.slow > 1 && this.level < this.levels.length - 1) {
      this.level += 1;
      this.slow = 0;
    }
    this.wasMoving = this.moving;
  }

  drawNow(parts) {
    const { gl, canvas } = this;
    const dense = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * dense));
    const height = Math.max(1, Math.round(canvas.clientHeight * dense));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clearColor(0.051, 0.063, 0.09, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(this.program);
    this.attach("place", 2, gl.FLOAT, false);
    this.attach("colour", 4, gl.UNSIGNED_BYTE, true);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
    const scale = this.scale();
    gl.uniform2f(this.uniforms.centre, ...this.centre);
    gl.uniform2f(this.uniforms.scale, (2 * scale) / canvas.clientWidth, (2 * scale) / canvas.clientHeight);
    for (const { from, count, factor, ring } of parts) {
      if (!count) continue;
      gl.uniform1f(this.uniforms.size, this.pointSize() * factor * dense);
      gl.uniform1i(this.uniforms.ring, ring ? 1 : 0);
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 4 * from);
    }
  }

  attach(name, size, type, normalised) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    const at = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, normalised, 0, 0);
  }

  /** Points are larger where there are few, and as one goes nearer. */
  pointSize() {
    const few = 280 / Math.sqrt(Math.max(1, this.count));
    return Math.min(Math.max(few, 3), 11) * Math.min(Math.max(this.zoom, 1) ** 0.25, 3);
  }

  /** Pixels per unit of the map. */
  scale() {
    const [wide, high] = this.home?.half ?? [1, 1];
    const { clientWidth, clientHeight } = this.canvas;
    return this.zoom * MARGIN * Math.min(clientWidth / (2 * wide), clientHeight / (2 * high));
  }

  fit() {
    this.centre = [...(this.home?.centre ?? [0, 0])];
    this.zoom = 1;
    this.draw();
  }

  /** Zooms by a factor; what is at a place of the canvas, in pixels, stays there. */
  zoomBy(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const before = this.at(x, y);
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.5), MOST_ZOOM);
    const after = this.at(x, y);
    this.centre = this.centre.map((value, axis) => value + before[axis] - after[axis]);
    this.draw(true);
  }

  /** Moves the map by pixels. */
  pan(x, y) {
    const scale = this.scale();
    this.centre = [this.centre[0] - x / scale, this.centre[1] + y / scale];
    this.draw(true);
  }

  /** Moves the map so that a point is seen. */
  reveal(point) {
    const [x, y] = this.onScreen(point);
    const { clientWidth, clientHeight } = this.canvas;
    const inside = x > 24 && y > 24 && x < clientWidth - 24 && y < clientHeight - 60;
    if (!inside) this.pan(clientWidth / 2 - x, clientHeight / 2 - y);
  }

  at(x, y) {
    const scale = this.scale();
    const { clientWidth, clientHeight } = this.canvas;
    return [this.centre[0] + (x - clientWidth / 2) / scale, this.centre[1] - (y - clientHeight / 2) / scale];
  }

  onScreen(point) {
    const scale = this.scale();
    const { clientWidth, clientHeight } = this.canvas;
    return [
      clientWidth / 2 + (this.places[2 * point] - this.centre[0]) * scale,
      clientHeight / 2 - (this.places[2 * point + 1] - this.centre[1]) * scale,
    ];
  }

  /** The point at a place of the canvas, in pixels; -1 for none. */
  find(x, y) {
    const [wantedX, wantedY] = this.at(x, y);
    let nearest = -1;
    let best = (REACH / this.scale()) ** 2;
    for (let point = 0; point < this.count; point++) {
      if (!this.visible[point]) continue;
      const distance =
        (this.places[2 * point] - wantedX) ** 2 + (this.places[2 * point + 1] - wantedY) ** 2;
      if (distance < best) [nearest, best] = [point, distance];
    }
    return nearest;
  }

  /** The next visible point from one in a direction, `[1, 0]` to the right; from the middle for -1. */
  next(from, [right, up]) {
    const start = from < 0 ? this.centre : [this.places[2 * from], this.places[2 * from + 1]];
    let nearest = -1;
    let best = Infinity;
    for (let point = 0; point < this.count; point++) {
      if (!this.visible[point] || point === from) continue;
      const x = this.places[2 * point] - start[0];
      const y = this.places[2 * point + 1] - start[1];
      const ahead = x * right + y * up;
      const aside = Math.abs(x * up) + Math.abs(y * right);
      if (from >= 0 && (ahead < aside || ahead <= 0)) continue; // within a quarter of the circle
      const distance = from < 0 ? Math.hypot(x, y) : ahead + 2 * aside;
      if (distance < best) [nearest, best] = [point, distance];
    }
    return nearest;
  }
}

function link(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}
