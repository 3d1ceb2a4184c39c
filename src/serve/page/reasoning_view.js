// The reasoning as it comes, then sentence by sentence: whether each comes from the image, and a map
// of the places that count for it.

import { byId, element } from "./dom.js";
import { drawMap } from "./heat_map.js";
import { number, onLanguage, share, words } from "./language.js";

/**
 * @typedef {import("./types.d.ts").Case} Case
 * @typedef {import("./types.d.ts").Device} Device
 * @typedef {import("./types.d.ts").HeatMap} HeatMap
 * @typedef {import("./types.d.ts").Sentence} Sentence
 * @typedef {import("./types.d.ts").SentenceMethod} SentenceMethod
 */

// Marks to read by, beside the number itself. Above a nat a sentence counts as resting on the image
// (docs/STATISTICS.md); a student that cannot look owes it some hundredths.
const fromImageNats = 1;
const perhapsNats = 0.25;

/** @param {Sentence} sentence */
function levelOf({ from_image: nats }) {
  if (nats >= fromImageNats) return "fromImage";
  return nats >= perhapsNats ? "perhapsImage" : "notImage";
}

/** @param {number} nats */
function timesOf(nats) {
  const times = Math.exp(Math.min(Math.abs(nats), Math.log(1e6)));
  const text = (Math.abs(nats) > Math.log(1e6) ? "> " : "") + number(times, 2);
  return nats >= 0 ? words().timesMore(text) : words().timesLess(text);
}

/** Methods whose maps pointed at the right places when tested. @param {Device | null} device */
export const earnedMethods = (device) =>
  (device?.sentence_methods ?? []).filter((method) => method.pointing?.earned);

export class ReasoningView {
  /**
   * @param {(map: HeatMap | null, sentence: string) => void} showMap
   * @param {(method: string) => void} onMethod  another kind of map is wished for
   */
  constructor(showMap, onMethod) {
    this.showMap = showMap;
    this.onMethod = onMethod;
    this.place = byId("reasoning", HTMLDivElement);
    // On a phone and on paper the image stands beside the sentences once more.
    this.picture = byId("case-picture", HTMLElement);
    this.side = byId("sentence-side", HTMLDivElement);
    /** @type {Case | null} */
    this.one = null;
    /** @type {Device | null} */
    this.device = null;
    /** @type {Sentence | null} that stays shown */
    this.kept = null;
    this.facts = element("p", "facts");
    onLanguage(() => {
      if (this.one) this.show(this.one, this.device);
    });
  }

  /** @param {Case} one @param {Device | null} device */
  show(one, device) {
    this.one = one;
    this.device = device;
    this.kept = null;
    const image = this.picture.querySelector("img");
    if (image) {
      image.src = one.image.view.image;
      image.alt = words().imageAlt;
    }
    this.#draw(null, "");
    const checked = typeof one.sentences === "object" ? one.sentences : null;
    this.place.classList.toggle("streaming", one.state === "asking");
    this.place.replaceChildren(...(checked ? this.#sentences(one.reply, checked.sentences) : [one.reply]));
    this.side.replaceChildren(...this.#sideOf(one));
    if (checked) this.#showFacts(null);
  }

  /** A piece of the reply that is being shown. @param {string} piece */
  append(piece) {
    this.place.append(piece);
  }

  /** @param {string} reply @param {Sentence[]} sentences */
  #sentences(reply, sentences) {
    const parts = [];
    let at = 0;
    for (const sentence of sentences) {
      const begin = reply.indexOf(sentence.text, at);
      if (begin < 0) continue;
      parts.push(reply.slice(at, begin), this.#sentence(sentence));
      at = begin + sentence.text.length;
    }
    return [...parts, reply.slice(at)];
  }

  /** @param {Sentence} sentence */
  #sentence(sentence) {
    const level = levelOf(sentence);
    const place = element("span", `sentence ${level}`, sentence.text,
      element("span", "unseen", ` (${words()[level]})`));
    place.role = "button";
    place.tabIndex = 0;
    place.ariaPressed = "false";
    const keep = () => {
      this.kept = this.kept === sentence ? null : sentence;
      for (const other of this.place.querySelectorAll(".sentence")) {
        other.ariaPressed = String(other === place && this.kept !== null);
      }
      this.#point(sentence);
    };
    place.addEventListener("pointerenter", () => this.#point(sentence));
    place.addEventListener("pointerleave", () => this.#point(this.kept));
    place.addEventListener("focus", () => this.#point(sentence));
    place.addEventListener("blur", () => this.#point(this.kept));
    place.addEventListener("click", keep);
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      keep();
    });
    return place;
  }

  /** @param {Sentence | null} sentence */
  #point(sentence) {
    const hasMap = earnedMethods(this.device).length > 0;
    this.#draw(hasMap ? sentence?.map ?? null : null, sentence?.text ?? "");
    this.#showFacts(sentence);
  }

  /** @param {HeatMap | null} map @param {string} sentence */
  #draw(map, sentence) {
    this.showMap(map, sentence);
    const canvas = this.picture.querySelector("canvas");
    if (canvas) drawMap(canvas, map);
    this.picture.classList.toggle("mapped", map !== null);
  }

  /** @param {Sentence | null} sentence */
  #showFacts(sentence) {
    if (!sentence) {
      this.facts.textContent = earnedMethods(this.device).length > 0 ? words().sentenceHint : "";
      return;
    }
    const level = levelOf(sentence);
    const [name = "", times = ""] = words().sentenceFact(words()[level], timesOf(sentence.from_image));
    this.facts.replaceChildren(element("b", `level ${level}`, name), times);
  }

  /** @param {Case} one */
  #sideOf(one) {
    if (one.sentences === "checking") return [element("p", "quiet busy", words().checking)];
    if (one.sentences === "failed") return [element("p", "quiet", words().sentencesFailed)];
    if (!one.sentences) return [];
    const legend = element("ul", "legend", ...["fromImage", "perhapsImage", "notImage"].map((level) =>
      element("li", "", element("span", `sentence ${level}`, "Aa"), " ",
        words()[/** @type {"fromImage" | "perhapsImage" | "notImage"} */ (level)])));
    for (const mark of legend.querySelectorAll(".sentence")) mark.ariaHidden = "true";
    return [legend, this.facts, ...this.#methodLines(one.sentences.method)];
  }

  /** @param {string | null} used */
  #methodLines(used) {
    const methods = earnedMethods(this.device);
    const method = methods.find((one) => one.name === used);
    if (!method?.pointing) {
      const wasTested = this.device?.sentence_methods.some(({ pointing }) => pointing) ?? false;
      return [element("p", "quiet", wasTested ? words().noMaps : words().noMapsTested)];
    }
    const { hits, chance } = method.pointing;
    const lines = [element("p", "quiet", words().mapTested(share(hits), share(chance)))];
    if (methods.length > 1) lines.unshift(this.#methodChoice(methods, used));
    return lines;
  }

  /** @param {SentenceMethod[]} methods @param {string | null} used */
  #methodChoice(methods, used) {
    const select = element("select", "", ...methods.map(({ name }) => {
      const option = element("option", "", words().mapKinds[name] ?? name);
      option.value = name;
      option.selected = name === used;
      return option;
    }));
    select.addEventListener("change", () => this.onMethod(select.value));
    return element("p", "", element("label", "", `${words().mapKind} `, select));
  }
}
