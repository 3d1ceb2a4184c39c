// The cases of this sitting. They live in the page's memory and nowhere else.

import { byId, element } from "./dom.js";
import { hour, onLanguage, words } from "./language.js";
import { verdictOf } from "./answer_view.js";

/** @typedef {import("./types.d.ts").Case} Case */

export class HistoryView {
  /** @param {{onChoose: (one: Case) => void, onForget: () => void}} actions */
  constructor({ onChoose, onForget }) {
    this.onChoose = onChoose;
    /** @type {Case[]} the last one first */
    this.cases = [];
    /** @type {Case | null} */
    this.shown = null;
    byId("forget", HTMLButtonElement).addEventListener("click", () => {
      this.cases = [];
      onForget();
    });
    onLanguage(() => this.render());
    this.#listenToOtherTabs();
  }

  /** @param {Case} one */
  add(one) {
    this.cases.unshift(one);
  }

  render() {
    byId("history", HTMLElement).hidden = this.cases.length === 0;
    byId("history-list", HTMLOListElement).replaceChildren(...this.cases.map((one) => this.#entry(one)));
  }

  /** @param {Case} one */
  #entry(one) {
    const picture = element("img", "");
    picture.src = one.image.view.image;
    picture.alt = "";
    const entry = element("button", "entry", picture, element("span", "entry-words",
      element("span", "entry-question", one.question), element("span", "entry-answer", verdictOf(one)),
      element("span", "quiet", hour(one.begun))));
    entry.type = "button";
    entry.ariaCurrent = String(one === this.shown);
    entry.addEventListener("click", () => this.onChoose(one));
    return element("li", "", entry);
  }

  #listenToOtherTabs() {
    const others = new BroadcastChannel("litemedcot");
    const tell = () => {
      byId("other-tab", HTMLSpanElement).textContent = words().otherTab;
    };
    let isKnown = false;
    others.addEventListener("message", ({ data }) => {
      if (data === "opened") others.postMessage("open");
      isKnown = true;
      tell();
    });
    others.postMessage("opened");
    onLanguage(() => {
      if (isKnown) tell();
    });
  }
}
