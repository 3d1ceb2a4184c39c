// How a DICOM image is shown: window, preset, frame; by fields, and by dragging on the image.

import { byId, element } from "./dom.js";
import { onLanguage, whole, words } from "./language.js";

/**
 * @typedef {import("./types.d.ts").DicomView} DicomView
 * @typedef {import("./types.d.ts").GreyWindow} GreyWindow
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
    this.stage.classList.toggle("draggable", Boolean(dicom?.window));
    if (!dicom) return;
    const { window } = dicom;
    for (const input of [this.centre, this.width, this.preset]) input.disabled = !window;
    // A field that is being written in keeps what stands there.
    if (document.activeElement !== this.centre) this.centre.value = window ? round(window.centre) : "";
    if (document.activeElement !== this.width) this.width.value = window ? round(window.width) : "";
    this.#showPresets(dicom);
    byId("frame-row", HTMLLabelElement).hidden = dicom.frames < 2;
    this.frame.max = String(dicom.frames);
    if (document.activeElement !== this.frame) this.frame.value = String(dicom.frame);
    this.#showFrame();
  }

  /** @param {DicomView} dicom */
  #showPresets({ presets, window }) {
    const chosen = presets.findIndex((one) => one.centre === window?.centre && one.width === window.width);
    const options = presets.map((one, index) => {
      const option = element("option", "", one.name);
      option.value = String(index);
      return option;
    });
    const manual = element("option", "", words().presetManual);
    manual.value = "";
    this.preset.replaceChildren(...options, manual);
    this.preset.value = chosen < 0 ? "" : String(chosen);
  }

  #showFrame() {
    byId("frame-number", HTMLOutputElement).value =
      words().frameOf(whole(Number(this.frame.value)), this.frame.max);
  }

  #choosePreset() {
    const preset = this.dicom?.presets[Number(this.preset.value)];
    if (this.preset.value === "" || !preset) return;
    this.#set({ centre: preset.centre, width: preset.width });
  }

  #readFields() {
    const centre = this.centre.valueAsNumber;
    const width = this.width.valueAsNumber;
    if (this.dicom && Number.isFinite(centre) && width >= 1) this.#set({ centre, width });
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
    /** @type {{x: number, y: number, window: GreyWindow} | null} */
    let begun = null;
    this.stage.addEventListener("pointerdown", (event) => {
      const window = this.dicom?.window;
      if (!window || event.pointerType === "touch" || event.button !== 0) return;
      if (event.target instanceof HTMLButtonElement) return;
      begun = { x: event.clientX, y: event.clientY, window };
      this.stage.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.stage.addEventListener("pointermove", (event) => {
      if (!begun) return;
      const step = Math.max(1, begun.window.width) / pixelsPerWidth;
      this.#set({
        centre: Number(round(begun.window.centre + (event.clientY - begun.y) * step)),
        width: Number(round(Math.max(1, begun.window.width + (event.clientX - begun.x) * step))),
      });
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.stage.addEventListener(end, () => {
        begun = null;
      });
    }
  }
}

/** As a field takes it. @param {number} value */
const round = (value) => String(Number(value.toPrecision(4)));
