// The question and its options, which are written, added and removed by keyboard alone as well.

import { button, byId, element } from "./dom.js";
import { onLanguage, words } from "./language.js";

/** @param {number} index */
const letterOf = (index) => String.fromCharCode("A".charCodeAt(0) + index);

/** "B) Spleen" -> "Spleen": lists are pasted with their letters. @param {string} line */
const withoutLetter = (line) => line.trim().replace(/^\(?[A-Z][.):]\s+/, "");

export class QuestionForm {
  /** @param {{onAsk: () => void, onStop: () => void}} actions */
  constructor({ onAsk, onStop }) {
    this.form = byId("ask", HTMLFormElement);
    this.text = byId("question", HTMLTextAreaElement);
    this.list = byId("choice-list", HTMLOListElement);
    this.add = byId("add-choice", HTMLButtonElement);
    this.maxChoices = 26;
    this.add.addEventListener("click", () => {
      // One option alone is no choice.
      const first = this.#addChoice("");
      if (this.#inputs().length === 1) this.#addChoice("");
      first.focus();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      onAsk();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      onAsk();
    });
    byId("stop", HTMLButtonElement).addEventListener("click", onStop);
    onLanguage(() => this.#name());
    this.#name();
  }

  get question() {
    return this.text.value.trim();
  }

  get choices() {
    return this.#inputs().map((input) => input.value.trim());
  }

  /** @param {string} question @param {string[]} choices */
  fill(question, choices) {
    this.text.value = question;
    this.list.replaceChildren();
    for (const choice of choices) this.#addChoice(choice);
    this.#name();
  }

  /** @param {boolean} isAsking */
  setAsking(isAsking) {
    byId("go", HTMLButtonElement).hidden = isAsking;
    byId("stop", HTMLButtonElement).hidden = !isAsking;
  }

  /** @returns {HTMLInputElement[]} */
  #inputs() {
    return [...this.list.querySelectorAll("input")];
  }

  /** @param {string} text @param {HTMLElement | null} [after]  a row */
  #addChoice(text, after = null) {
    const input = element("input", "");
    input.value = text;
    input.autocomplete = "off";
    const row = element("li", "", element("b", "letter", ""), input);
    row.append(button("remove", "×", () => this.#remove(row)));
    if (after) after.after(row);
    else this.list.append(row);
    input.addEventListener("keydown", (event) => this.#onKey(event, row, input));
    input.addEventListener("paste", (event) => this.#onPaste(event, row, input));
    this.#name();
    return input;
  }

  /** @param {HTMLElement} row */
  #remove(row) {
    const index = [...this.list.children].indexOf(row);
    row.remove();
    this.#name();
    (this.#inputs()[Math.max(0, index - 1)] ?? this.add).focus();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} row @param {HTMLInputElement} input */
  #onKey(event, row, input) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const inputs = this.#inputs();
    const at = inputs.indexOf(input);
    if (event.key === "Enter") {
      event.preventDefault();
      const next = inputs[at + 1];
      if (next) next.focus();
      else if (input.value.trim() !== "" && inputs.length < this.maxChoices) this.#addChoice("", row).focus();
    } else if (event.key === "Backspace" && input.value === "") {
      event.preventDefault();
      this.#remove(row);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const other = inputs[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (!other) return;
      event.preventDefault();
      other.focus();
    }
  }

  // Several lines are several options.
  /** @param {ClipboardEvent} event @param {HTMLElement} row @param {HTMLInputElement} input */
  #onPaste(event, row, input) {
    const lines = (event.clipboardData?.getData("text") ?? "").split("\n").map(withoutLetter).filter(Boolean);
    if (lines.length < 2 || input.value !== "") return;
    event.preventDefault();
    input.value = lines[0] ?? "";
    let last = row;
    for (const line of lines.slice(1)) {
      if (this.#inputs().length >= this.maxChoices) break;
      const next = [...this.list.children].indexOf(last) + 1;
      const following = this.#inputs()[next];
      if (following?.value === "") {
        following.value = line;
        last = /** @type {HTMLElement} */ (this.list.children[next]);
      } else {
        const row = this.#addChoice(line, last).closest("li");
        if (row) last = row;
      }
    }
  }

  // Letters, names for who cannot see them, and what the number of options means.
  #name() {
    const inputs = this.#inputs();
    inputs.forEach((input, index) => {
      const letter = letterOf(index);
      input.ariaLabel = words().choice(letter);
      const row = input.closest("li");
      const mark = row?.querySelector("b");
      if (mark) mark.textContent = letter;
      const remove = row?.querySelector("button");
      if (remove) remove.ariaLabel = words().removeChoice(letter);
    });
    this.add.hidden = inputs.length >= this.maxChoices;
    byId("choices-hint", HTMLParagraphElement).textContent =
      inputs.length === 0 ? words().choicesNone : inputs.length === 1 ? words().choicesOne : words().choicesSome;
  }
}
