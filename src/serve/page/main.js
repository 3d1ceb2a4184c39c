// The page: from an image and a question to an answer that can be checked. It talks to the server
// that it came from, keeps cases in memory, and stores nothing but the language chosen.

import { showAnswer, verdictOf } from "./answer_view.js";
import * as api from "./api.js";
import { ArchiveView } from "./archive_view.js";
import { byId, element } from "./dom.js";
import { shownAsText } from "./grey_window.js";
import { HistoryView } from "./history_view.js";
import { ImagePanel } from "./image_panel.js";
import { onLanguage, startLanguage, time, words } from "./language.js";
import { OwnAnswer } from "./own_answer.js";
import { Problem, ProblemPlace } from "./problem.js";
import { QuestionForm } from "./question_form.js";
import { earnedMethods, ReasoningView } from "./reasoning_view.js";
import { ReportFiling } from "./report_filing.js";
import { SentenceAnnouncer } from "./sentence_announcer.js";

/**
 * @typedef {import("./types.d.ts").Case} Case
 * @typedef {import("./types.d.ts").Device} Device
 */

startLanguage();

/** @type {Device | null} */
let device = null;
/** @type {Case | null} */
let shown = null;
/** @type {AbortController | null} of the request that runs */
let running = null;

const problem = new ProblemPlace(byId("ask-problem", HTMLDivElement));
const announcer = new SentenceAnnouncer(byId("announcer", HTMLParagraphElement));
const panel = new ImagePanel(() => showCase(null));
const archive = new ArchiveView((file, path) => panel.open(file, path));
const filing = new ReportFiling();
const form = new QuestionForm({ onAsk: askNow, onStop: () => running?.abort() });
const reasoning = new ReasoningView((map, sentence) => panel.showMap(map, sentence), (method) => {
  if (shown) checkSentences(shown, method);
});
const own = new OwnAnswer((one, letter) => {
  if (one.answer?.record == null) return;
  api.override(one.answer.record, letter).then(() => {
    one.own = letter;
  }).catch((error) => {
    problem.show(error);
    own.show(one);
  });
});
const history = new HistoryView({
  onChoose: (one) => {
    panel.restore(one.image);
    form.fill(one.question, one.choices);
    problem.clear();
    showCase(one);
    byId("case", HTMLElement).scrollIntoView({ block: "nearest" });
  },
  onForget: () => {
    running?.abort();
    archive.forget();
    showCase(null);
  },
});

/** @param {Case | null} one */
function showCase(one) {
  shown = one;
  history.shown = one;
  byId("case", HTMLElement).hidden = !one;
  if (one) {
    showAnswer(one, device);
    own.show(one);
    filing.show(one);
    reasoning.show(one, device);
    showAsked(one);
  } else {
    panel.showMap(null);
  }
  history.render();
}

/** Shows what has changed in a case, if it is the one that is shown. @param {Case} one */
function refresh(one) {
  if (one === shown) showCase(one);
  else history.render();
}

/** @param {string} name @param {string} text */
const described = (name, text) => element("div", "", element("dt", "", name), element("dd", "", text));

// What was asked and by whom it was answered: on paper the form is not there.
/** @param {Case} one */
function showAsked(one) {
  byId("asked", HTMLParagraphElement).textContent = one.question;
  const shownAs = shownAsText(one.image);
  byId("made-by", HTMLDListElement).replaceChildren(
    described(words().madeBy, deviceLine()), described(words().madeAt, time(one.begun)),
    ...(shownAs ? [described(words().shownAs, shownAs)] : []));
}

const deviceLine = () => device ? [device.model, device.engine, device.dtype].filter(Boolean).join(" · ") : "";

async function askNow() {
  if (running) return;
  problem.clear();
  const image = await panel.settled();
  const { question, choices } = form;
  const missing = !image ? "noImage" : !question ? "noQuestion"
    : choices.length === 1 || choices.some((text) => text === "") || new Set(choices).size < choices.length
      ? "emptyChoice" : null;
  if (missing || !image) {
    problem.show(new Problem(missing ?? "noImage"));
    return;
  }
  /** @type {Case} */
  const one = {
    image, question, choices, begun: new Date(), reply: "", answer: null, state: "asking", sentences: null, own: null,
    filed: false,
  };
  history.add(one);
  await answer(one);
}

/** @param {Case} one */
async function answer(one) {
  const cancel = new AbortController();
  running = cancel;
  form.setAsking(true);
  Object.assign(one, { reply: "", answer: null, state: "asking", sentences: null, own: null, filed: false });
  showCase(one);
  announcer.begin(words().thinking);
  try {
    await askPatiently(one, cancel.signal);
    one.state = "done";
    announcer.end(verdictOf(one));
  } catch (error) {
    one.state = cancel.signal.aborted ? "stopped" : "cut";
    if (one.state === "stopped") problem.clear();
    else problem.show(error, () => answer(one));
  }
  running = null;
  form.setAsking(false);
  refresh(one);
  if (one.state === "done") checkSentences(one, earnedMethods(device)[0]?.name);
}

// A device that is busy is asked again until there is room.
/** @param {Case} one @param {AbortSignal} signal */
async function askPatiently(one, signal) {
  const { file, window, frame } = one.image;
  const take = {
    /** @param {string} piece */
    onText: (piece) => {
      one.reply += piece;
      if (one !== shown) return;
      reasoning.append(piece);
      announcer.add(piece);
    },
    /** @param {import("./types.d.ts").Answer} given */
    onAnswer: (given) => {
      one.answer = given;
      if (one !== shown) return;
      showAnswer(one, device);
      own.show(one);
    },
  };
  for (;;) {
    try {
      await api.ask({ image: file, window: window?.text, frame, question: one.question, choices: one.choices }, take, signal);
      problem.clear();
      return;
    } catch (error) {
      if (!(error instanceof Problem && error.kind === "busy") || one.reply !== "") throw error;
      problem.show(error);
      await pause(error.retryAfter, signal);
    }
  }
}

/** @param {number} seconds @param {AbortSignal} signal */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, 1000 * Math.min(Math.max(seconds, 0.5), 30));
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** @param {Case} one @param {string | undefined} method */
async function checkSentences(one, method) {
  if (!device || device.sentence_methods.length === 0 || one.reply.trim() === "") return;
  const { file, window, frame } = one.image;
  one.sentences = "checking";
  refresh(one);
  try {
    one.sentences = await api.sentences(
      { image: file, window: window?.text, frame, question: one.question, choices: one.choices, reply: one.reply, method },
      new AbortController().signal);
  } catch {
    one.sentences = "failed";
  }
  refresh(one);
}

async function meetDevice() {
  const tokenForm = byId("token", HTMLFormElement);
  try {
    device = await api.device();
  } catch (error) {
    if (error instanceof Problem && error.kind === "token") {
      tokenForm.hidden = false;
      byId("token-text", HTMLInputElement).focus();
    } else {
      problem.show(error, meetDevice);
    }
    return;
  }
  tokenForm.hidden = true;
  form.maxChoices = device.max_choices;
  panel.setMaxBytes(device.max_image_bytes);
  archive.offer(device.archive);
  showDevice();
}

function showDevice() {
  if (!device) return;
  const word = device.calibration ? words().calibrated : words().uncalibrated;
  byId("device", HTMLParagraphElement).textContent = `${deviceLine()} · ${word}`;
}

byId("token", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  api.setToken(byId("token-text", HTMLInputElement).value.trim());
  meetDevice();
});
byId("print", HTMLButtonElement).addEventListener("click", () => print());
onLanguage(() => {
  showDevice();
  if (shown) {
    showAnswer(shown, device);
    own.show(shown);
    filing.show(shown);
    showAsked(shown);
  }
});
meetDevice();
