// An answer to an image of the archive, filed beside it when the reader asks for that.

import * as api from "./api.js";
import { verdictOf } from "./answer_view.js";
import { byId } from "./dom.js";
import { shownAsText } from "./grey_window.js";
import { share, words } from "./language.js";
import { ProblemPlace } from "./problem.js";

/** @typedef {import("./types.d.ts").Case} Case */

// The confidence stands in an item of its own.
/** @param {Case} one */
function findingOf(one) {
  const given = one.answer?.options.find(({ letter }) => letter === one.answer?.answer);
  if (!given) return verdictOf(one);
  if (one.answer?.sure !== false) return `${given.letter}. ${given.text}`;
  return `${words().notSure}. ${words().likeliest(given.letter, given.text, share(given.probability))}`;
}

export class ReportFiling {
  constructor() {
    this.button = byId("file-report", HTMLButtonElement);
    this.said = byId("filed", HTMLSpanElement);
    this.problem = new ProblemPlace(byId("filing-problem", HTMLDivElement));
    /** @type {Case | null} */
    this.one = null;
    this.button.addEventListener("click", () => this.#file());
  }

  /** @param {Case} one */
  show(one) {
    if (one !== this.one) this.problem.clear();
    this.one = one;
    const isDone = one.state === "done" && Boolean(one.image.archive);
    byId("filing", HTMLParagraphElement).hidden = !isDone;
    this.button.disabled = one.filed;
    this.said.textContent = one.filed ? words().filed : words().filingNote;
  }

  async #file() {
    const { one } = this;
    if (!one?.image.archive) return;
    this.button.disabled = true;
    this.problem.clear();
    try {
      await api.fileReport({
        ...one.image.archive,
        frame: (one.image.view.dicom?.frames ?? 1) > 1 ? one.image.frame : null,
        shown_as: shownAsText(one.image),
        question: one.question,
        options: (one.answer?.options ?? []).map(({ letter, text }) => `${letter}. ${text}`),
        answer: findingOf(one),
        confidence: one.answer?.confidence == null || one.answer.sure === false ? ""
          : words().confidence(share(one.answer.confidence)),
        reasoning: one.reply,
      });
      one.filed = true;
    } catch (error) {
      this.problem.show(error, () => this.#file());
    }
    if (one === this.one) this.show(one);
  }
}
