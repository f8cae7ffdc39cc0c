// The panel of the chosen dream.

import { short } from "./colours.js";
import { make } from "./filters.js";
import { getJson, itemPath, post } from "./server.js";

const byId = (id) => document.getElementById(id);
const NOT_SHOWN = new Set(["settings", "judges", "sound_hash", "state", "reason"]);

export class ItemPanel {
  /** `favourites` is a Set of names; `kept` is called after it changed. */
  constructor(player, favourites, kept) {
    this.player = player;
    this.favourites = favourites;
    this.kept = kept;
    this.about = null;
    this.wanted = "";
    byId("play").addEventListener("click", () => this.toggle());
    byId("hear-dream").addEventListener("click", () => player.hear("dream"));
    byId("hear-original").addEventListener("click", () => player.hear("original"));
    byId("favourite").addEventListener("click", () => this.toggleFavourite());
    byId("live").addEventListener("click", () => this.playLive());
    byId("slot-a").addEventListener("click", () => this.playLive("a"));
    byId("slot-b").addEventListener("click", () => this.playLive("b"));
    byId("get-preset").addEventListener("dragstart", (event) => this.drag(event));
    byId("picture").addEventListener("error", () => this.showPicture(false));
  }

  /** Shows a dream, and plays it. */
  async show(item, plays) {
    if (item === this.wanted) {
      if (plays && !this.player.playing) this.player.play();
      return;
    }
    this.wanted = item;
    let about;
    try {
      about = await getJson(itemPath(item));
    } catch (problem) {
      if (item === this.wanted) this.forget(problem.message);
      return;
    }
    if (item !== this.wanted) return; // another was chosen meanwhile
    this.about = about;
    const path = itemPath(item);
    this.player.load(about.files.sound ? `${path}/sound` : "", about.files.original ? `${path}/original` : "");
    this.fill(about, path);
    if (plays && about.files.sound) this.player.play();
  }

  forget(message) {
    this.wanted = "";
    this.about = null;
    this.player.stop();
    byId("nothing").hidden = true;
    byId("chosen").hidden = false;
    this.say(message, true);
  }

  fill({ item, files, preset, no_preset, file_name }, path) {
    byId("nothing").hidden = true;
    byId("chosen").hidden = false;
    byId("title").textContent = titleOf(item);
    byId("under").textContent = underOf(item);
    this.showPicture(files.thumbnail);
    if (files.thumbnail) byId("picture").src = `${path}/thumbnail`;
    byId("picture").alt = `Spectrogram of ${titleOf(item)}`;
    byId("play").disabled = !files.sound;
    byId("hear-original").disabled = !files.original;
    link(byId("get-sound"), files.sound && `${path}/sound?download`, `${file_name}.flac`);
    link(byId("get-preset"), preset && `${path}/preset`, `${file_name}.json`);
    byId("get-preset").title = no_preset || "Download it, or drag it to A or B in the window";
    for (const id of ["live", "slot-a", "slot-b"]) byId(id).disabled = !preset;
    this.say(files.sound ? "" : "The sound of this dream is missing from the library.", !files.sound);
    byId("facts").replaceChildren(
      ...factsOf(item).flatMap(([name, value]) => [
        make("dt", { textContent: name }),
        make("dd", { textContent: value }),
      ]),
    );
    this.showFavourite();
    this.showState();
  }

  showPicture(there) {
    byId("picture").hidden = !there;
    byId("no-picture").hidden = there;
  }

  showState() {
    const { player } = this;
    byId("play").textContent = player.playing ? "Stop" : "Play";
    byId("hear-dream").setAttribute("aria-pressed", player.heard === "dream");
    byId("hear-original").setAttribute("aria-pressed", player.heard === "original");
    byId("played").style.transform = `scaleX(${player.position})`;
  }

  showFavourite() {
    const kept = this.favourites.has(this.wanted);
    byId("favourite").setAttribute("aria-pressed", kept);
    byId("favourite").textContent = kept ? "\u2605" : "\u2606";
  }

  say(text, isProblem = false) {
    byId("message").textContent = text;
    byId("message").classList.toggle("problem", isProblem);
  }

  toggle() {
    if (!this.about) return;
    if (this.player.playing) this.player.stop();
    else this.player.play();
  }

  switchSound() {
    this.player.hear(this.player.heard === "dream" ? "original" : "dream");
  }

  async toggleFavourite() {
    if (!this.wanted) return;
    await this.attempt(async () => {
      const favourite = !this.favourites.has(this.wanted);
      const answer = await post(`${itemPath(this.wanted)}/favourite`, { favourite });
      this.favourites.clear();
      answer.favourites.forEach((item) => this.favourites.add(item));
      this.showFavourite();
      this.kept();
    });
  }

  async playLive(slot = null) {
    if (!this.about?.preset) return;
    this.say("…");
    await this.attempt(async () => this.say((await post(`${itemPath(this.wanted)}/live`, { slot })).done));
  }

  async attempt(act) {
    try {
      await act();
    } catch (problem) {
      this.say(problem.message, true);
    }
  }

  /** The preset itself travels, so that a window takes it without asking this server. */
  drag(event) {
    if (!this.about?.preset) {
      event.preventDefault();
      return;
    }
    event.dataTransfer.effectAllowed = "copy";
    event.dataTransfer.clearData();
    event.dataTransfer.setData("text/plain", this.about.preset);
    const address = new URL(byId("get-preset").href);
    const name = byId("get-preset").download;
    event.dataTransfer.setData("DownloadURL", `application/json:${name}:${address}`);
  }
}

export function titleOf({ target, sound, method }) {
  const aim = target || method || "A dream";
  return sound ? `${aim} · ${sound}` : aim;
}

export function underOf({ model, method }) {
  return [model, method].filter(Boolean).join(" · ");
}

/** What is known of a dream, as pairs of text; settings one by one. */
function factsOf(item) {
  const facts = Object.entries(item)
    .filter(([name, value]) => value !== null && value !== "" && !NOT_SHOWN.has(name))
    .map(([name, value]) => [name.replaceAll("_", " "), typeof value === "number" ? short(value) : String(value)]);
  for (const column of ["settings", "judges"]) {
    try {
      for (const [name, value] of Object.entries(JSON.parse(item[column] || "{}"))) {
        const text = typeof value === "object" ? JSON.stringify(value) : String(value);
        facts.push([name.replaceAll("_", " "), text]);
      }
    } catch {
      facts.push([column, "damaged"]);
    }
  }
  return facts;
}

function link(anchor, address, name) {
  anchor.setAttribute("aria-disabled", !address);
  anchor.download = name;
  if (address) anchor.href = address;
  else anchor.removeAttribute("href");
}
