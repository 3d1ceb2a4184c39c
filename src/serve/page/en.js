// The page's words in English. The other languages have the same names.
// Letters in the arguments: shares, counts and sizes come as formatted text.

export const strings = {
  code: "en",
  name: "English",

  research: "Research use only. Not a diagnosis.",
  researchWhy: "What the model says is to be checked by who is responsible for the patient.",
  language: "Language",
  tokenAsked: "This device asks for an access token:",
  tokenGiven: "Continue",
  calibrated: "calibrated",
  uncalibrated: "not calibrated",

  image: "Image",
  drop: "Drop an image here, paste it, or",
  pick: "choose a file",
  kinds: "A picture or a DICOM file.",
  /** @param {string} size */
  upTo: (size) => `Up to ${size}.`,
  stays: "It goes to the device that this page came from, and nowhere else.",
  replace: "Another image",
  fromArchive: "From the archive",
  archiveTitle: "The hospital's archive",
  archiveClose: "Close",
  archiveName: "Family name",
  archiveId: "Patient ID",
  archiveDate: "Date of the study",
  archiveSearch: "Search",
  archiveBack: "Back",
  archiveAsks: "Asking the archive…",
  archiveNothing: "Nothing was found.",
  archiveMore: "Further studies",
  archiveKept: "What the archive says of patients is shown here and kept nowhere.",
  /** @param {string} count */
  archiveImages: (count) => `images: ${count}`,
  /** @param {string} number */
  archiveImage: (number) => `Image ${number}`,
  /** @param {string} count */
  archiveFrames: (count) => `${count} frames`,
  fileReport: "File this answer in the archive",
  filingNote: "As a report beside the image, marked as research and unverified.",
  filed: "Filed in the study of the image, marked as research and unverified.",
  /** @param {string} width @param {string} height */
  seen: (width, height) => `These are the ${width} × ${height} pixels that the model sees.`,
  /** @param {string} width @param {string} height @param {string} fileWidth @param {string} fileHeight */
  seenOf: (width, height, fileWidth, fileHeight) =>
    `These are the ${width} × ${height} pixels that the model sees, of ` +
    `${fileWidth} × ${fileHeight} in the file.`,
  imageAlt: "The image, as the model sees it",
  /** @param {string} sentence */
  mapAlt: (sentence) => `The image with the places marked that count most for: ${sentence}`,
  reading: "Reading the image…",

  windowTitle: "Grey values shown",
  preset: "Window",
  presetManual: "by hand",
  presetFull: "full range",
  warnings: {
    burned_in: "The file says that text is burned into the pixels. It may name the patient.",
    may_be_burned_in: "Images of this kind often have text burned into the pixels. It may name the patient.",
  },
  windowCentre: "Centre",
  windowWidth: "Width",
  windowDrag: "Drag on the image: up and down moves the centre, left and right the width.",
  windowSeen: "The model sees what you see.",
  frame: "Frame",
  /** @param {string} frame @param {string} frames */
  frameOf: (frame, frames) => `${frame} of ${frames}`,

  questionTitle: "Question",
  question: "What do you want to know of the image?",
  questionExample: "Is there a pleural effusion?",
  choices: "Options",
  choicesNone: "Without options the model answers freely, and there are no probabilities.",
  choicesSome: "The model reasons, then chooses one. Every option gets a probability.",
  choicesOne: "Two options or more are needed.",
  addChoice: "Add an option",
  /** @param {string} letter */
  choice: (letter) => `Option ${letter}`,
  /** @param {string} letter */
  removeChoice: (letter) => `Remove option ${letter}`,
  ask: "Ask",
  stop: "Stop",
  keys: "Ctrl + Enter",

  answerTitle: "Answer",
  thinking: "Reasoning. The answer comes after it.",
  stopped: "Stopped.",
  unfinished: "The answer is not whole.",
  tooLong: "The reply grew too long and was cut. Its answer may be missing.",
  free: "A free answer. It has no probability: ask with options to learn how sure the model is.",
  own: "Your own answer",
  ownNone: "(not given)",
  ownOther: "none of these",
  /** @param {string} record */
  recorded: (record) => `This answer and yours are in the audit log; it is line ${record}.`,
  noAnswer: "No answer can be read from the reply.",
  notSure: "Not sure",
  /** @param {string} share */
  confidence: (share) => `Confidence ${share}`,
  /** @param {string} letter @param {string} text @param {string} share */
  likeliest: (letter, text, share) => `The likeliest option is ${letter}, ${text}, with ${share}.`,
  /** @param {string} share */
  sureFrom: (share) => `Below ${share} no answer is named here.`,
  sureAlone: "An answer is named only where the prediction set holds one option.",
  tableCaption: "How likely each option is, with the image and without it",
  option: "Option",
  withImage: "With the image",
  withoutImage: "Without it",
  inSet: "in the set",
  given: "named in the reasoning",
  /** @param {string} coverage @param {string} letters */
  set: (coverage, letters) =>
    `Prediction set: ${letters}. On questions like those it was fitted on, a set like this holds the ` +
    `right option in ${coverage} of cases.`,
  noSet: "No prediction set: none was fitted for this model.",
  isCalibrated: "The probabilities were calibrated on questions that were kept apart.",
  isNotCalibrated: "The probabilities are the model's own. They were not calibrated, and models like " +
    "this one are mostly too sure.",
  /** @param {string} share */
  sameWithout: (share) =>
    `The image changes little: without it the model names the same option, with ${share}. ` +
    "Do not take this answer for something seen.",
  print: "Print or save as PDF",

  reasoning: "Reasoning",
  checking: "Checking each sentence against the image…",
  sentenceHint: "Point at a sentence to see which places of the image count most for it. Press Enter or " +
    "click to keep it.",
  noMapsTested: "No map: how well maps point to the right places was not tested with this model.",
  noMaps: "No map: none pointed at the right places when it was tested with this model.",
  mapKind: "Kind of map",
  /** @type {Record<string, string>} */
  mapKinds: { occlusion: "what hiding a place changes", gradient: "gradient times input",
    attention: "where the words read (attention)" },
  /** @param {string} hits @param {string} chance */
  mapTested: (hits, chance) =>
    `When tested, such a map's brightest point lay in the place that a sentence spoke of in ${hits} of ` +
    `cases (chance: ${chance}).`,
  fromImage: "comes from the image",
  perhapsImage: "may come from the image",
  notImage: "would be written without the image",
  /** @param {string} times */
  timesMore: (times) => `${times} times as likely with this image as with the same one blurred`,
  /** @param {string} times */
  timesLess: (times) => `${times} times less likely with this image than with the same one blurred`,
  /** @param {string} level @param {string} times */
  sentenceFact: (level, times) => [level, `: ${times}.`],
  sentencesFailed: "The sentences could not be checked.",

  history: "This sitting",
  historyWhere: "Kept in this page alone, and gone when you close it.",
  otherTab: "The page is open in another tab too; each has a list of its own.",
  forget: "Forget all",
  noQuestion: "(no question)",

  madeBy: "Model",
  madeAt: "Time",
  shownAs: "Shown as",
  /** @param {string} name */
  windowNamed: (name) => `window ${name}`,
  /** @param {string} centre @param {string} width */
  windowUsed: (centre, width) => `window centre ${centre}, width ${width}`,

  retry: "Try again",
  problems: {
    unreachable: "The device does not answer. Is the server still running, and the cable or network in place?",
    cut: "The device fell silent in the middle of its answer. What it had said stands below.",
    token: "The device does not know this access token.",
    busy: "The device is busy with other questions. Yours waits for its turn.",
    archive: "The archive did not do what was asked.",
    tooLarge: "This image is too large for the device. A smaller copy or a cut-out will do.",
    notAnImage: "This file cannot be read as an image.",
    noImage: "There is no image yet. Drop, paste or choose one first.",
    noQuestion: "There is no question yet.",
    emptyChoice: "Two options or more are needed, each with a text of its own.",
    refused: "The device refused this request.",
    server: "Something went wrong on the device.",
  },
  said: "It said:",
};

/** @typedef {typeof strings} Strings */
