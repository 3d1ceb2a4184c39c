// How a DICOM image is shown: window, preset, frame; by fields, and by dragging on the image.

import { byId, element } from "./dom.js";
import { number, onLanguage, whole, words } from "./language.js";

/**
 * @typedef {import("./types.d.ts").DicomView} DicomView
 * @typedef {import("./types.d.ts").GreyWindow} GreyWindow
 * @typedef {import("./types.d.ts").ShownImage} ShownImage
 */

// So many pixels of dragging change the window by its own width.
const pixelsPerWidth = 300;

export class GreyWindowControl {
  /**
   * @param {HTMLElement} stage  which is dragged on
   * @param {(window: GreyWindow | null, frame: number) => void} onChange
   */
  constructor(stage, onChange) {
    this.stage = stage;
    this.onChange = onChange;
    this.box = byId("window", HTMLFieldSetElement);
    this.preset = byId("preset", HTMLSelectElement);
    this.centre = byId("window-centre", HTMLInputElement);
    this.width = byId("window-width", HTMLInputElement);
    this.frame = byId("frame", HTMLInputElement);
    /** @type {DicomView | null} */
    this.dicom = null;
    this.preset.addEventListener("change", () => this.#choosePreset());
    for (const input of [this.centre, this.width]) input.addEventListener("input", () => this.#readFields());
    this.frame.addEventListener("input", () => {
      this.#showFrame();
      this.#tell();
    });
    onLanguage(() => this.show(this.dicom));
    this.#listenToDragging();
  }

  /** @param {DicomView | null} dicom  null: the image has no window */
  show(dicom) {
    this.dicom = dicom;
    this.box.hidden = !dicom;
    this.stage.classList.toggle("draggable", dicom?.window?.width != null);
    if (!dicom) return;
    const { window } = dicom;
    for (const input of [this.centre, this.width, this.preset]) input.disabled = !window;
    // A field that is being written in keeps what stands there.
    if (document.activeElement !== this.centre) this.centre.value = textOf(window?.centre);
    if (document.activeElement !== this.width) this.width.value = textOf(window?.width);
    this.#showPresets(dicom);
    byId("frame-row", HTMLLabelElement).hidden = dicom.frames < 2;
    this.frame.max = String(dicom.frames);
    if (document.activeElement !== this.frame) this.frame.value = String(dicom.frame);
    this.#showFrame();
  }

  /** @param {DicomView} dicom */
  #showPresets({ presets, window }) {
    const chosen = presets.find((one) => one.text === window?.text ||
      (one.centre !== null && one.centre === window?.centre && one.width === window.width));
    const all = [...presets.map(({ name, text }) => [text, name]), ["full", words().presetFull],
      ["", words().presetManual]];
    this.preset.replaceChildren(...all.map(([value = "", text = ""]) => {
      const option = element("option", "", text);
      option.value = value;
      return option;
    }));
    this.preset.value = chosen?.text ?? (window?.text === "full" ? "full" : "");
  }

  #showFrame() {
    byId("frame-number", HTMLOutputElement).value =
      words().frameOf(whole(Number(this.frame.value)), this.frame.max);
  }

  #choosePreset() {
    const text = this.preset.value;
    if (text === "") return;
    const preset = this.dicom?.presets.find((one) => one.text === text);
    this.#set(preset ?? { text, centre: null, width: null });
  }

  #readFields() {
    const centre = this.centre.valueAsNumber;
    const width = this.width.valueAsNumber;
    if (this.dicom && Number.isFinite(centre) && width >= 1) this.#set(windowOf(centre, width));
  }

  /** @param {GreyWindow} window */
  #set(window) {
    if (!this.dicom) return;
    this.show({ ...this.dicom, window, frame: Number(this.frame.value) });
    this.#tell();
  }

  #tell() {
    if (this.dicom) this.onChange(this.dicom.window, Number(this.frame.value));
  }

  // With a finger one scrolls: only mouse and pen drag.
  #listenToDragging() {
    /** @type {{x: number, y: number, centre: number, width: number} | null} */
    let begun = null;
    this.stage.addEventListener("pointerdown", (event) => {
      const window = this.dicom?.window;
      if (window?.centre == null || window.width === null) return;
      if (event.pointerType === "touch" || event.button !== 0) return;
      if (event.target instanceof HTMLButtonElement) return;
      begun = { x: event.clientX, y: event.clientY, centre: window.centre, width: window.width };
      this.stage.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.stage.addEventListener("pointermove", (event) => {
      if (!begun) return;
      const step = Math.max(1, begun.width) / pixelsPerWidth;
      this.#set(windowOf(rounded(begun.centre + (event.clientY - begun.y) * step),
        rounded(Math.max(1, begun.width + (event.clientX - begun.x) * step))));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.stage.addEventListener(end, () => {
        begun = null;
      });
    }
  }
}

/** Window and frame in words; empty for an image that has neither. @param {ShownImage} image */
export function shownAsText({ window, frame, view }) {
  const frames = view.dicom && view.dicom.frames > 1 ? [words().frameOf(String(frame), String(view.dicom.frames))] : [];
  return [...(window ? [windowText(window)] : []), ...frames].join(", ");
}

/** @param {GreyWindow} window */
const windowText = ({ text, centre, width }) => centre === null || width === null
  ? words().windowNamed(text === "full" ? words().presetFull : text)
  : words().windowUsed(number(centre, 4), number(width, 4));

/** @param {number} value */
const rounded = (value) => Number(value.toPrecision(4));

/** As a field takes it. @param {number | null | undefined} value */
const textOf = (value) => value == null ? "" : String(rounded(value));

/** @param {number} centre @param {number} width @returns {GreyWindow} */
const windowOf = (centre, width) => ({ text: `${centre},${width}`, centre, width });
