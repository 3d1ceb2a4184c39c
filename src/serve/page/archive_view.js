// The hospital's archive: a study is looked for, its series and images are listed, one is opened.
// What it says of patients is on the screen while the dialog is open; of the way to a list only
// the query and the UIDs are remembered, so that the dialog opens where it was left.

import * as api from "./api.js";
import { byId, element } from "./dom.js";
import { onLanguage, whole, words } from "./language.js";
import { ProblemPlace } from "./problem.js";

/**
 * @typedef {import("./types.d.ts").ArchivePath} ArchivePath
 * @typedef {{label: string, facts: string, next: Step}} Entry
 * @typedef {(signal: AbortSignal) => Promise<Entry[]>} Step  asks the archive; what can be chosen then
 */

// "20260131" as the reader writes dates.
/** @param {string} date */
function dateOf(date) {
  if (!/^\d{8}$/.test(date)) return date;
  const day = new Date(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6)));
  return new Intl.DateTimeFormat(words().code, { dateStyle: "medium" }).format(day);
}

// Parts of a person's name are parted by ^.
/** @param {string} name */
const nameOf = (name) => name.split("^").filter(Boolean).join(", ");

const studiesAtOnce = 50;

/** @param {(string | false)[]} parts */
const joined = (parts) => parts.filter(Boolean).join(" · ");

export class ArchiveView {
  /** @param {(file: File, path: ArchivePath) => void} onImage */
  constructor(onImage) {
    this.onImage = onImage;
    this.dialog = byId("archive", HTMLDialogElement);
    this.search = byId("archive-search", HTMLFormElement);
    this.back = byId("archive-back", HTMLButtonElement);
    this.list = byId("archive-list", HTMLUListElement);
    this.problem = new ProblemPlace(byId("archive-problem", HTMLDivElement));
    /** @type {Step[]} the way to what is shown, which is the last */
    this.way = [];
    this.cancel = new AbortController();
    for (const id of ["from-archive", "from-archive-again"]) {
      byId(id, HTMLButtonElement).addEventListener("click", () => this.#open());
    }
    byId("archive-close", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#clear());
    this.back.addEventListener("click", () => {
      this.way.pop();
      this.#showLast();
    });
    this.search.addEventListener("submit", (event) => {
      event.preventDefault();
      this.way = [];
      this.#enter(this.#studies(0));
    });
    onLanguage(() => this.dialog.close());
  }

  /** @param {boolean} isThere */
  offer(isThere) {
    byId("from-archive", HTMLButtonElement).hidden = !isThere;
    byId("from-archive-again", HTMLButtonElement).hidden = !isThere;
  }

  /** The next search begins anew. */
  forget() {
    this.way = [];
    this.search.reset();
  }

  #open() {
    this.dialog.showModal();
    if (this.way.length > 0) this.#showLast();
    else byId("archive-name", HTMLInputElement).focus();
  }

  #clear() {
    this.cancel.abort();
    this.problem.clear();
    this.list.replaceChildren();
    this.back.hidden = true;
  }

  /** @param {Step} step */
  #enter(step) {
    this.way.push(step);
    return this.#showLast();
  }

  // A list that comes after another was asked for, or after the dialog was closed, is not shown.
  async #showLast() {
    const step = this.way.at(-1);
    if (!step) return;
    this.#clear();
    this.back.hidden = this.way.length < 2;
    this.list.replaceChildren(element("li", "quiet busy", words().archiveAsks));
    this.cancel = new AbortController();
    const { signal } = this.cancel;
    try {
      const found = await step(signal);
      if (signal.aborted) return;
      this.list.replaceChildren(...(found.length > 0 ? found.map((entry) => this.#line(entry))
        : [element("li", "quiet", words().archiveNothing)]));
      // Who chose a line goes on from the lines that took its place.
      if (!this.dialog.contains(document.activeElement)) this.list.querySelector("button")?.focus();
    } catch (error) {
      if (signal.aborted) return;
      this.list.replaceChildren();
      this.problem.show(error, () => this.#showLast());
    }
  }

  /** @param {number} offset @returns {Step} */
  #studies(offset) {
    const name = byId("archive-name", HTMLInputElement).value.trim();
    const query = new URLSearchParams({
      // Who types a part of a name means all that begin with it.
      name: name && !/[*?]/.test(name) ? `${name}*` : name,
      id: byId("archive-id", HTMLInputElement).value.trim(),
      date: byId("archive-date", HTMLInputElement).value.replaceAll("-", ""),
      limit: String(studiesAtOnce),
      offset: String(offset),
    });
    return async (signal) => {
      const { studies } = await api.archived(`studies?${query}`, signal);
      const entries = studies.map((/** @type {any} */ study) => ({
        label: nameOf(study.patient_name) || study.patient_id || study.uid,
        facts: joined([study.patient_id, dateOf(study.date), study.modalities.join(", "), study.description,
          words().archiveImages(whole(study.instances))]),
        next: this.#series(study.uid),
      }));
      if (studies.length < studiesAtOnce) return entries;
      return [...entries, { label: words().archiveMore, facts: "", next: this.#studies(offset + studiesAtOnce) }];
    };
  }

  /** @param {string} study @returns {Step} */
  #series(study) {
    return async (signal) => {
      const { series } = await api.archived(`studies/${study}/series`, signal);
      return series.map((/** @type {any} */ one) => ({
        label: joined([one.modality, one.description]) || one.uid,
        facts: joined([one.number > 0 && String(one.number), words().archiveImages(whole(one.instances))]),
        next: this.#images(study, one.uid),
      }));
    };
  }

  /** @param {string} study @param {string} series @returns {Step} */
  #images(study, series) {
    return async (signal) => {
      const { instances } = await api.archived(`studies/${study}/series/${series}/instances`, signal);
      instances.sort((/** @type {any} */ a, /** @type {any} */ b) => a.number - b.number);
      return instances.map((/** @type {any} */ one) => ({
        label: words().archiveImage(whole(one.number)),
        facts: joined([one.rows > 0 && `${whole(one.columns)} × ${whole(one.rows)}`,
          one.frames > 1 && words().archiveFrames(whole(one.frames))]),
        next: this.#image({ study, series, instance: one.uid }),
      }));
    };
  }

  /** @param {ArchivePath} path @returns {Step} */
  #image(path) {
    return async (signal) => {
      const bytes = await api.archivedFile(path, signal);
      if (signal.aborted) return [];
      this.way.pop();
      this.dialog.close();
      this.onImage(new File([bytes], "image.dcm", { type: "application/dicom" }), path);
      return [];
    };
  }

  /** @param {Entry} entry */
  #line({ label, facts, next }) {
    const line = element("button", "archive-line", element("span", "", label), element("span", "quiet", facts));
    line.type = "button";
    line.addEventListener("click", () => this.#enter(next));
    return element("li", "", line);
  }
}
