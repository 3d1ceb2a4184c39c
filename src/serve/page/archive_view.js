// The hospital's archive: a study is looked for, its series and images are listed, one is opened.

import * as api from "./api.js";
import { byId, element } from "./dom.js";
import { onLanguage, whole, words } from "./language.js";
import { ProblemPlace } from "./problem.js";

/**
 * @typedef {import("./types.d.ts").ArchivePath} ArchivePath
 * @typedef {{label: string, facts: string, open: () => Promise<void>}} Entry
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

/** @param {(string | false)[]} parts */
const joined = (parts) => parts.filter(Boolean).join(" · ");

export class ArchiveView {
  /** @param {(file: File, path: ArchivePath) => void} onImage */
  constructor(onImage) {
    this.onImage = onImage;
    this.dialog = byId("archive", HTMLDialogElement);
    this.list = byId("archive-list", HTMLUListElement);
    this.problem = new ProblemPlace(byId("archive-problem", HTMLDivElement));
    this.asked = 0;  // counts what was asked for: an answer that comes late is not shown
    /** @type {(() => Promise<void>)[]} the lists on the way to this one */
    this.way = [];
    for (const id of ["from-archive", "from-archive-again"]) {
      byId(id, HTMLButtonElement).addEventListener("click", () => this.#open());
    }
    byId("archive-close", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    byId("archive-back", HTMLButtonElement).addEventListener("click", () => {
      this.way.pop();
      this.way.pop()?.();
    });
    byId("archive-search", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.way = [];
      this.#listStudies();
    });
    onLanguage(() => this.dialog.close());
  }

  /** @param {boolean} isThere */
  offer(isThere) {
    byId("from-archive", HTMLButtonElement).hidden = !isThere;
    byId("from-archive-again", HTMLButtonElement).hidden = !isThere;
  }

  #open() {
    this.dialog.showModal();
    byId("archive-name", HTMLInputElement).focus();
  }

  async #listStudies() {
    const name = byId("archive-name", HTMLInputElement).value.trim();
    const query = new URLSearchParams({
      // Who types a part of a name means all that begin with it.
      name: name && !/[*?]/.test(name) ? `${name}*` : name,
      id: byId("archive-id", HTMLInputElement).value.trim(),
      date: byId("archive-date", HTMLInputElement).value.replaceAll("-", ""),
    });
    await this.#show(() => this.#listStudies(), async () => {
      const { studies } = await api.archived(`studies?${query}`);
      return studies.map((/** @type {any} */ study) => ({
        label: nameOf(study.patient_name) || study.patient_id || study.uid,
        facts: joined([study.patient_id, dateOf(study.date), study.modalities.join(", "), study.description,
          words().archiveImages(whole(study.instances))]),
        open: () => this.#listSeries(study.uid),
      }));
    });
  }

  /** @param {string} study */
  async #listSeries(study) {
    await this.#show(() => this.#listSeries(study), async () => {
      const { series } = await api.archived(`studies/${study}/series`);
      return series.map((/** @type {any} */ one) => ({
        label: joined([one.modality, one.description]) || one.uid,
        facts: joined([one.number > 0 && String(one.number), words().archiveImages(whole(one.instances))]),
        open: () => this.#listImages(study, one.uid),
      }));
    });
  }

  /** @param {string} study @param {string} series */
  async #listImages(study, series) {
    await this.#show(() => this.#listImages(study, series), async () => {
      const { instances } = await api.archived(`studies/${study}/series/${series}/instances`);
      instances.sort((/** @type {any} */ a, /** @type {any} */ b) => a.number - b.number);
      return instances.map((/** @type {any} */ one) => ({
        label: words().archiveImage(whole(one.number)),
        facts: joined([one.rows > 0 && `${whole(one.columns)} × ${whole(one.rows)}`,
          one.frames > 1 && words().archiveFrames(whole(one.frames))]),
        open: () => this.#fetch({ study, series, instance: one.uid }),
      }));
    });
  }

  /** @param {ArchivePath} path */
  async #fetch(path) {
    const turn = ++this.asked;
    this.#wait();
    try {
      const bytes = await api.archivedFile(path);
      if (turn !== this.asked) return;
      this.dialog.close();
      this.list.replaceChildren();
      this.way = [];
      this.onImage(new File([bytes], "image.dcm", { type: "application/dicom" }), path);
    } catch (error) {
      this.problem.show(error, () => this.#fetch(path));
    }
  }

  #wait() {
    this.problem.clear();
    this.list.replaceChildren(element("li", "quiet busy", words().archiveAsks));
  }

  /** @param {() => Promise<void>} again @param {() => Promise<Entry[]>} entries */
  async #show(again, entries) {
    const turn = ++this.asked;
    this.way.push(again);
    byId("archive-back", HTMLButtonElement).hidden = this.way.length < 2;
    this.#wait();
    try {
      const found = await entries();
      if (turn !== this.asked) return;
      this.list.replaceChildren(...(found.length > 0 ? found.map((entry) => this.#line(entry))
        : [element("li", "quiet", words().archiveNothing)]));
    } catch (error) {
      if (turn !== this.asked) return;
      this.list.replaceChildren();
      this.way.pop();
      this.problem.show(error, again);
    }
  }

  /** @param {Entry} entry */
  #line({ label, facts, open }) {
    const line = element("button", "archive-line", element("span", "", label), element("span", "quiet", facts));
    line.type = "button";
    line.addEventListener("click", open);
    return element("li", "", line);
  }
}
