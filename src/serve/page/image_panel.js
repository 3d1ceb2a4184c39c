// The image: dropped, pasted or picked, and shown as the model sees it.

import * as api from "./api.js";
import { byId, element } from "./dom.js";
import { GreyWindowControl } from "./grey_window.js";
import { drawMap } from "./heat_map.js";
import { onLanguage, size, whole, words } from "./language.js";
import { Problem, ProblemPlace } from "./problem.js";

/**
 * @typedef {import("./types.d.ts").GreyWindow} GreyWindow
 * @typedef {import("./types.d.ts").HeatMap} HeatMap
 * @typedef {import("./types.d.ts").ShownImage} ShownImage
 * @typedef {import("./types.d.ts").ArchivePath} ArchivePath
 * @typedef {{file: string, window: GreyWindow | null, frame: number | null, archive: ArchivePath | null}} Wanted
 */

/** @param {Blob} blob @returns {Promise<string>} */
function dataUrlOf(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Problem("notAnImage", String(reader.error?.message ?? "")));
    reader.readAsDataURL(blob);
  });
}

export class ImagePanel {
  /** @param {() => void} onFile  called when another file is chosen */
  constructor(onFile) {
    this.onFile = onFile;
    this.stage = byId("stage", HTMLDivElement);
    this.canvas = byId("map", HTMLCanvasElement);
    this.view = byId("view", HTMLImageElement);
    this.input = byId("file", HTMLInputElement);
    this.problem = new ProblemPlace(byId("image-problem", HTMLDivElement));
    /** @type {ShownImage | null} */
    this.shown = null;
    this.maxBytes = Infinity;
    /** @type {Wanted | null} what is to be read as soon as the server is done with what it reads */
    this.wanted = null;
    /** @type {Promise<void> | null} */
    this.reading = null;
    this.cancel = new AbortController();
    this.opened = 0;  // counts the files that were chosen
    this.grey = new GreyWindowControl(this.stage, (window, frame) => {
      if (this.shown) this.#read({ file: this.shown.file, window, frame, archive: this.shown.archive });
    });
    this.#listen();
    onLanguage(() => this.#render());
    this.#render();
  }

  /** The image as it will be shown once all that is being read has been. */
  async settled() {
    while (this.reading) await this.reading;
    return this.shown;
  }

  /** @param {File} file @param {ArchivePath | null} [archive]  where it was taken from */
  async open(file, archive = null) {
    this.onFile();
    this.problem.clear();
    this.#show(null);
    if (file.size > this.maxBytes) {
      this.problem.show(new Problem("tooLarge"));
      return;
    }
    const turn = ++this.opened;
    try {
      const url = await dataUrlOf(file);
      if (turn === this.opened) this.#read({ file: url, window: null, frame: null, archive });
    } catch (error) {
      if (turn === this.opened) this.problem.show(error);
    }
  }

  /** Shows again what was read before. @param {ShownImage} image */
  restore(image) {
    if (this.shown === image) return;
    this.opened++;
    this.#forgetReading();
    this.problem.clear();
    this.#show(image);
  }

  /** @param {HeatMap | null} map @param {string} [sentence] */
  showMap(map, sentence = "") {
    drawMap(this.canvas, map);
    this.view.alt = map ? words().mapAlt(sentence) : words().imageAlt;
  }

  // One request at a time, the last wish wins: while the window is dragged the image follows as
  // fast as the server can.
  /** @param {Wanted} wanted */
  #read(wanted) {
    if (wanted.file !== this.shown?.file) this.#forgetReading();
    this.wanted = wanted;
    this.reading ??= this.#readAll();
    this.#invite();
  }

  #forgetReading() {
    this.cancel.abort();
    this.wanted = null;
    this.reading = null;
    this.stage.classList.remove("reading");
  }

  async #readAll() {
    const cancel = new AbortController();
    this.cancel = cancel;
    this.stage.classList.add("reading");
    while (this.wanted && !cancel.signal.aborted) {
      const { file, window, frame, archive } = this.wanted;
      this.wanted = null;
      try {
        const view = await api.view({ image: file, window: window?.text, frame }, cancel.signal);
        // What is dragged meanwhile stays as it is dragged.
        if (this.wanted) this.#showPixels(view.image);
        else this.#show({ file, window: view.dicom?.window ?? window, frame: view.dicom?.frame ?? frame, view, archive });
        this.problem.clear();
      } catch (error) {
        if (cancel.signal.aborted) return;
        this.problem.show(error, error instanceof Problem && ["unreachable", "busy"].includes(error.kind)
          ? () => this.#read({ file, window, frame, archive }) : null);
      }
    }
    if (this.cancel !== cancel) return;
    this.reading = null;
    this.stage.classList.remove("reading");
    this.#invite();
  }

  /** @param {string} url */
  #showPixels(url) {
    this.view.src = url;
  }

  /** @param {ShownImage | null} image */
  #show(image) {
    this.shown = image;
    this.showMap(null);
    this.stage.classList.toggle("empty", !image);
    if (image) this.#showPixels(image.view.image);
    else this.view.removeAttribute("src");
    this.#render();
  }

  #render() {
    const view = this.shown?.view;
    byId("picture", HTMLDivElement).hidden = !view;
    byId("invitation", HTMLDivElement).hidden = Boolean(view);
    byId("under-image", HTMLDivElement).hidden = !view;
    this.#invite();
    this.view.alt = words().imageAlt;
    this.grey.show(view?.dicom ?? null);
    const warnings = byId("image-warnings", HTMLUListElement);
    warnings.hidden = !view?.dicom?.warnings.length;
    warnings.replaceChildren(...(view?.dicom?.warnings ?? []).map(({ kind }) => element("li", "", words().warnings[kind])));
    if (!view) return;
    const isScaled = view.width !== view.source_width || view.height !== view.source_height;
    const [width, height] = [whole(view.width), whole(view.height)];
    byId("view-facts", HTMLParagraphElement).textContent = isScaled
      ? words().seenOf(width, height, whole(view.source_width), whole(view.source_height))
      : words().seen(width, height);
  }

  #invite() {
    const limit = Number.isFinite(this.maxBytes) ? [words().upTo(size(this.maxBytes))] : [];
    byId("invitation-facts", HTMLParagraphElement).textContent =
      this.reading ? words().reading : [words().kinds, ...limit, words().stays].join(" ");
  }

  /** @param {number} bytes */
  setMaxBytes(bytes) {
    this.maxBytes = bytes;
    this.#invite();
  }

  #listen() {
    const pick = () => this.input.click();
    byId("pick", HTMLButtonElement).addEventListener("click", pick);
    byId("replace", HTMLButtonElement).addEventListener("click", pick);
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      this.input.value = "";  // the same file may be picked again
      if (file) this.open(file);
    });
    document.addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (!file) return;
      event.preventDefault();
      this.open(file);
    });
    // Anywhere on the page: a file that misses the stage must not replace the page.
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.stage.classList.add("over");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) this.stage.classList.remove("over");
    });
    document.addEventListener("drop", (event) => {
      this.stage.classList.remove("over");
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      this.open(file);
    });
  }
}
