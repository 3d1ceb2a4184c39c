// What the model answers, how likely each option is, and what that promises.

import { byId, element } from "./dom.js";
import { share, words } from "./language.js";

/**
 * @typedef {import("./types.d.ts").Answer} Answer
 * @typedef {import("./types.d.ts").Case} Case
 * @typedef {import("./types.d.ts").Device} Device
 * @typedef {import("./types.d.ts").Option} Option
 */

// An answer that the image moves by less than this share of probability is said to be the same.
const sameWithin = 0.1;

/** @param {Answer} answer @returns {Option | undefined} */
const likeliestOf = (answer) => answer.options.find((one) => one.letter === answer.answer);

/** The answer in a line, for lists and for who listens. @param {Case} one @returns {string} */
export function verdictOf(one) {
  if (one.state === "stopped") return words().stopped;
  if (one.state === "cut") return words().unfinished;
  const { answer } = one;
  if (!answer) return words().thinking;
  if (answer.options.length === 0) return one.reply.trim().split("\n")[0] ?? "";
  const given = answer.options.find((option) => option.letter === answer.answer);
  if (answer.sure === false || !given) return words().notSure;
  return `${given.letter} ${given.text}` +
    (answer.confidence === null ? "" : `, ${words().confidence(share(answer.confidence))}`);
}

/** @param {Case} one */
function verdictLines(one) {
  const { answer } = one;
  if (one.state === "stopped") return [element("p", "verdict-word quiet", words().stopped)];
  if (one.state === "cut" && !answer) return [element("p", "verdict-word quiet", words().unfinished)];
  if (!answer) return [element("p", "verdict-word quiet busy", words().thinking)];
  const lines = [];
  const cut = answer.finish === "length" ? [element("p", "", words().tooLong)] : [];
  if (answer.options.length === 0) {
    return [element("p", "quiet", one.choices.length > 0 ? words().noAnswer : words().free), ...cut];
  }
  const given = answer.options.find((option) => option.letter === answer.answer);
  const likeliest = likeliestOf(answer);
  if (answer.sure === false || !given) {
    lines.push(element("p", "verdict-word", words().notSure));
    if (!given) lines.push(element("p", "", words().noAnswer));
    if (likeliest) {
      lines.push(element("p", "", words().likeliest(likeliest.letter, likeliest.text,
        share(likeliest.probability))));
    }
  } else {
    lines.push(element("p", "verdict-word", element("b", "letter", given.letter), "\u00a0", given.text));
    if (answer.confidence !== null) {
      const word = answer.calibrated ? words().calibrated : words().uncalibrated;
      lines.push(element("p", "", words().confidence(share(answer.confidence)), " ", element("span", "quiet", `(${word})`)));
    }
  }
  return [...lines, ...cut];
}

/** @param {string} style @param {number | null} probability @param {string} name */
function bar(style, probability, name) {
  const filled = element("span", "filled");
  filled.style.width = `${100 * (probability ?? 0)}%`;
  const rail = element("span", `bar ${style}`, filled);
  rail.ariaHidden = "true";
  // On a phone, where the table has no head, the name stands at the bar.
  const label = element("span", "bar-name", name);
  label.ariaHidden = "true";
  return element("td", "", element("span", "measure", label, rail,
    element("span", "share", probability === null ? "\u00a0" : share(probability))));
}

// Before there is an answer, its options stand in their places: what is being read does not jump
// when it comes.
/** @param {Case} one @param {Device | null} device @returns {Answer} */
function awaited({ choices }, device) {
  const options = choices.map((text, i) => ({ letter: String.fromCharCode(65 + i), text, probability: 0 }));
  const sets = device?.prediction_set;
  return {
    options, answer: null, stated: null, confidence: null, calibrated: Boolean(device?.calibration),
    set: sets ? ["A"] : null, coverage: sets?.coverage ?? null, sure: null, without_image: { options, answer: null },
    finish: "end", record: null,
  };
}

/** @param {Answer} answer @param {boolean} isAwaited */
function optionRows(answer, isAwaited) {
  return answer.options.map((option) => {
    const without = answer.without_image?.options.find((one) => one.letter === option.letter);
    const isIn = !isAwaited && (answer.set?.includes(option.letter) ?? false);
    const name = element("th", "name", element("b", "letter", option.letter), "\u00a0", option.text);
    name.scope = "row";
    if (isIn) name.append(" ", element("span", "tag", words().inSet));
    if (answer.stated === option.letter && answer.stated !== answer.answer) {
      name.append(" ", element("span", "tag", words().given));
    }
    const row = element("tr", isIn ? "is-in" : "", name, bar("with", isAwaited ? null : option.probability, words().withImage));
    if (answer.without_image) {
      row.append(without ? bar("without", isAwaited ? null : without.probability, words().withoutImage) : element("td", ""));
    }
    return row;
  });
}

/** @param {HTMLTableElement} table @param {Answer | null} answer @param {boolean} isAwaited */
function fillTable(table, answer, isAwaited) {
  table.hidden = !answer || answer.options.length === 0;
  if (!answer) return;
  const heads = [words().option, words().withImage, ...(answer.without_image ? [words().withoutImage] : [])];
  const cells = heads.map((text) => {
    const cell = element("th", "", text);
    cell.scope = "col";
    return cell;
  });
  table.replaceChildren(element("caption", "unseen", words().tableCaption),
    element("thead", "", element("tr", "", ...cells)), element("tbody", "", ...optionRows(answer, isAwaited)));
}

/** @param {Answer | null} answer @param {Device | null} device */
function promiseLines(answer, device) {
  if (!answer || answer.options.length === 0) return [];
  const lines = [];
  if (answer.set && answer.coverage !== null) {
    lines.push(element("p", "set", words().set(share(answer.coverage), answer.set.join(", "))));
  }
  if (answer.sure === false) {
    lines.push(element("p", "", device?.sure_from != null ? words().sureFrom(share(device.sure_from))
      : words().sureAlone));
  }
  lines.push(element("p", "", answer.calibrated ? words().isCalibrated : words().isNotCalibrated));
  if (!answer.set) lines.push(element("p", "", words().noSet));
  const blind = blindShare(answer);
  if (blind !== null) lines.unshift(element("p", "blind", words().sameWithout(share(blind))));
  return lines;
}

/** The probability without the image of an answer that hardly depends on it; else null. @param {Answer} answer */
function blindShare(answer) {
  const without = answer.without_image;
  const likeliest = likeliestOf(answer);
  if (!without || !likeliest || without.answer !== likeliest.letter) return null;
  const other = without.options.find((one) => one.letter === likeliest.letter);
  if (!other) return null;
  return likeliest.probability - other.probability < sameWithin ? other.probability : null;
}

/** @param {Case} one @param {Device | null} device */
export function showAnswer(one, device) {
  const verdict = byId("verdict", HTMLDivElement);
  verdict.className = one.answer?.sure === false ? "unsure" : "";
  verdict.replaceChildren(...verdictLines(one));
  const isAwaited = one.state === "asking" && !one.answer;
  const answer = isAwaited ? awaited(one, device) : one.answer;
  fillTable(byId("options", HTMLTableElement), answer, isAwaited);
  const promise = byId("promise", HTMLDivElement);
  promise.classList.toggle("awaited", isAwaited);
  promise.replaceChildren(...promiseLines(answer, device));
}
