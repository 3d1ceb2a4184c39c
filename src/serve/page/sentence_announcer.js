// Tells who listens instead of looking: whole sentences of what streams, not every piece of a word.

export class SentenceAnnouncer {
  /** @param {HTMLElement} place  has aria-live */
  constructor(place) {
    this.place = place;
    this.held = "";
  }

  /** @param {string} text */
  begin(text) {
    this.held = "";
    this.place.textContent = text;
  }

  /** @param {string} piece */
  add(piece) {
    this.held += piece;
    const end = Math.max(...[". ", ".\n", "! ", "? ", "。"].map((mark) => this.held.lastIndexOf(mark)));
    if (end < 0) return;
    this.place.textContent = this.held.slice(0, end + 1);
    this.held = this.held.slice(end + 1);
  }

  /** @param {string} text */
  end(text) {
    this.place.textContent = `${this.held} ${text}`.trim();
    this.held = "";
  }
}
