// The reader's own answer beside the model's, where the device keeps an audit log of both.

import { byId, element } from "./dom.js";
import { whole, words } from "./language.js";

/** @typedef {import("./types.d.ts").Case} Case */

const notGiven = "-";

export class OwnAnswer {
  /** @param {(one: Case, letter: string) => void} onChoose */
  constructor(onChoose) {
    this.select = byId("own", HTMLSelectElement);
    /** @type {Case | null} */
    this.one = null;
    this.select.addEventListener("change", () => {
      if (this.one && this.select.value !== notGiven) onChoose(this.one, this.select.value);
    });
  }

  /** @param {Case} one */
  show(one) {
    this.one = one;
    const { answer } = one;
    const record = answer?.record ?? null;
    byId("own-row", HTMLParagraphElement).hidden = record === null;
    if (!answer || record === null) return;
    const choices = [[notGiven, words().ownNone], ...answer.options.map(({ letter, text }) =>
      [letter, `${letter} ${text}`]), ["", words().ownOther]];
    this.select.replaceChildren(...choices.map(([value = "", text = ""]) => {
      const option = element("option", "", text);
      option.value = value;
      return option;
    }));
    this.select.value = one.own ?? notGiven;
    byId("own-facts", HTMLSpanElement).textContent = words().recorded(whole(record));
  }
}
