// The language of the page: the reader's choice, else the browser's, else English.

import { byId, element } from "./dom.js";
import { strings as de } from "./de.js";
import { strings as en } from "./en.js";
import { strings as zh } from "./zh.js";

/** @typedef {import("./en.js").Strings} Strings */

const languages = [en, de, zh];
// The choice outlives the page; it says nothing of a patient.
const storedAs = "litemedcot-language";
let current = preferred();
/** @type {(() => void)[]} */
const listeners = [];

function preferred() {
  const wanted = [localStorage.getItem(storedAs) ?? "", ...navigator.languages];
  for (const one of wanted) {
    const found = languages.find((strings) => one.toLowerCase().startsWith(strings.code));
    if (found) return found;
  }
  return en;
}

/** The words in the language chosen. @returns {Strings} */
export const words = () => current;

/** @param {() => void} listener  called when another language is chosen */
export function onLanguage(listener) {
  listeners.push(listener);
}

/** @param {number} value @param {number} [digits] significant ones */
export const number = (value, digits = 3) =>
  new Intl.NumberFormat(current.code, { maximumSignificantDigits: digits }).format(value);

/** @param {number} value */
export const whole = (value) =>
  new Intl.NumberFormat(current.code, { maximumFractionDigits: 0 }).format(value);

/** A probability in whole per cents; what is no certainty is never written as one. @param {number} value */
export function share(value) {
  const format = new Intl.NumberFormat(current.code, { style: "percent" });
  if (value > 0 && value < 0.005) return "< " + format.format(0.01);
  if (value < 1 && value > 0.995) return "> " + format.format(0.99);
  return format.format(value);
}

/** @param {number} bytes */
export const size = (bytes) => new Intl.NumberFormat(current.code, {
  style: "unit", unit: "megabyte", maximumFractionDigits: 0,
}).format(bytes / 1e6);

/** @param {Date} date */
export const time = (date) => new Intl.DateTimeFormat(current.code, {
  dateStyle: "medium", timeStyle: "short",
}).format(date);

/** @param {Date} date */
export const hour = (date) =>
  new Intl.DateTimeFormat(current.code, { timeStyle: "short" }).format(date);

// Puts the words where the document names them.
function fillIn() {
  /** @type {Record<string, unknown>} */
  const named = current;
  document.documentElement.lang = current.code;
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = String(named[place.getAttribute("data-text") ?? ""]);
  }
  for (const place of document.querySelectorAll("[data-placeholder]")) {
    place.setAttribute("placeholder", String(named[place.getAttribute("data-placeholder") ?? ""]));
  }
}

export function startLanguage() {
  const select = byId("language", HTMLSelectElement);
  for (const strings of languages) {
    const option = element("option", "", strings.name);
    option.value = strings.code;
    option.lang = strings.code;
    option.selected = strings === current;
    select.append(option);
  }
  select.addEventListener("change", () => {
    current = languages.find((strings) => strings.code === select.value) ?? en;
    localStorage.setItem(storedAs, current.code);
    fillIn();
    for (const listener of listeners) listener();
  });
  fillIn();
}
