// Plays a dream and its original together, one of them unheard: changing over leaves no gap.

export class Player {
  /** `changed` is called when something starts, stops or moves; `say` with what cannot be played. */
  constructor(changed, say) {
    this.changed = changed;
    this.say = say;
    this.sounds = { dream: new Audio(), original: new Audio() };
    this.heard = "dream";
    this.volume = 1;
    this.playing = false;
    this.hasOriginal = false;
    for (const sound of Object.values(this.sounds)) sound.preload = "auto";
    this.sounds.dream.addEventListener("ended", () => this.stop());
    this.sounds.dream.addEventListener("error", () => this.playing && this.fail("This sound cannot be played."));
  }

  /** Takes another dream; `original` is empty where there is none. */
  load(dream, original) {
    this.stop();
    this.sounds.dream.src = dream;
    this.hasOriginal = Boolean(original);
    if (original) this.sounds.original.src = original;
    else this.sounds.original.removeAttribute("src");
    if (!original) this.heard = "dream";
    this.mix();
  }

  async play() {
    this.playing = true;
    this.mix();
    const sounds = this.hasOriginal ? Object.values(this.sounds) : [this.sounds.dream];
    for (const sound of sounds) sound.currentTime = 0;
    const { src } = this.sounds.dream;
    try {
      await Promise.all(sounds.map((sound) => sound.play()));
      this.tick();
    } catch (problem) {
      if (src !== this.sounds.dream.src || problem.name === "AbortError") return; // another came
      this.fail(
        problem.name === "NotAllowedError"
          ? "Click once anywhere, then the browser lets the page play."
          : "This sound cannot be played.",
      );
    }
  }

  fail(text) {
    this.stop();
    this.say(text);
  }

  stop() {
    this.playing = false;
    for (const sound of Object.values(this.sounds)) sound.pause();
    this.changed();
  }

  hear(which) {
    if (which === "original" && !this.hasOriginal) return;
    this.heard = which;
    this.mix();
    if (this.playing && this.hasOriginal) {
      const other = which === "dream" ? "original" : "dream";
      const drift = this.sounds[which].currentTime - this.sounds[other].currentTime;
      if (Math.abs(drift) > 0.03) this.sounds[which].currentTime = this.sounds[other].currentTime;
    }
    this.changed();
  }

  setVolume(volume) {
    this.volume = volume;
    this.mix();
  }

  /** Where it is, 0 to 1. */
  get position() {
    const { currentTime, duration } = this.sounds.dream;
    return this.playing && duration > 0 ? currentTime / duration : 0;
  }

  mix() {
    for (const [which, sound] of Object.entries(this.sounds)) {
      sound.volume = which === this.heard ? this.volume : 0;
    }
  }

  tick() {
    this.changed();
    if (this.playing) requestAnimationFrame(() => this.tick());
  }
}
