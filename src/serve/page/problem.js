// What went wrong, in plain words, with a way on.

import { button, element } from "./dom.js";
import { onLanguage, words } from "./language.js";

/** @typedef {import("./types.d.ts").ProblemKind} ProblemKind */

export class Problem extends Error {
  /**
   * @param {ProblemKind} kind
   * @param {string} [said]  the server's own words, in English
   * @param {number} [retryAfter]  seconds
   */
  constructor(kind, said = "", retryAfter = 1) {
    super(said || kind);
    this.kind = kind;
    this.said = said;
    this.retryAfter = retryAfter;
  }
}

/** A place on the page for one problem at a time. */
export class ProblemPlace {
  /** @param {HTMLElement} place  has role="alert" */
  constructor(place) {
    this.place = place;
    /** @type {Problem | null} */
    this.problem = null;
    /** @type {(() => void) | null} */
    this.retry = null;
    onLanguage(() => this.#render());
  }

  /** @param {unknown} error @param {(() => void) | null} [retry] */
  show(error, retry = null) {
    this.problem = error instanceof Problem ? error : new Problem("server", String(error));
    this.retry = retry;
    this.#render();
  }

  clear() {
    this.problem = null;
    this.#render();
  }

  #render() {
    this.place.replaceChildren();
    if (!this.problem) return;
    const box = element("div", this.problem.kind === "busy" ? "problem waits" : "problem",
      element("p", "", words().problems[this.problem.kind]));
    // Where the page's own words say it all, the server's would only repeat them.
    if (["archive", "notAnImage", "refused", "server", "tooLarge"].includes(this.problem.kind) && this.problem.said) {
      const said = element("span", "", this.problem.said);
      said.lang = "en";
      box.append(element("p", "quiet", words().said + " ", said));
    }
    const { retry } = this;
    if (retry) {
      box.append(button("", words().retry, () => {
        this.clear();
        retry();
      }));
    }
    this.place.append(box);
  }
}
