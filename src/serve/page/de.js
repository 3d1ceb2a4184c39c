// The page's words in German.

/** @type {import("./en.js").Strings} */
export const strings = {
  code: "de",
  name: "Deutsch",

  research: "Nur für die Forschung. Keine Diagnose.",
  researchWhy: "Was das Modell sagt, prüft, wer für den Patienten verantwortlich ist.",
  language: "Sprache",
  tokenAsked: "Dieses Gerät verlangt ein Zugangskennwort:",
  tokenGiven: "Weiter",
  calibrated: "kalibriert",
  uncalibrated: "nicht kalibriert",

  image: "Bild",
  drop: "Bild hierher ziehen, einfügen oder",
  pick: "Datei wählen",
  kinds: "Ein Foto oder eine DICOM-Datei.",
  upTo: (size) => `Bis ${size}.`,
  stays: "Es geht an das Gerät, von dem diese Seite kommt, und sonst nirgendwohin.",
  replace: "Anderes Bild",
  seen: (width, height) => `Das sind die ${width} × ${height} Bildpunkte, die das Modell sieht.`,
  seenOf: (width, height, fileWidth, fileHeight) =>
    `Das sind die ${width} × ${height} Bildpunkte, die das Modell sieht, von ` +
    `${fileWidth} × ${fileHeight} in der Datei.`,
  imageAlt: "Das Bild, wie das Modell es sieht",
  mapAlt: (sentence) => `Das Bild mit den Stellen, auf die es am meisten ankommt für: ${sentence}`,
  reading: "Das Bild wird gelesen …",

  windowTitle: "Gezeigte Grauwerte",
  preset: "Fenster",
  presetManual: "von Hand",
  windowCentre: "Mitte",
  windowWidth: "Breite",
  windowHint: "Auf dem Bild ziehen: auf und ab verschiebt die Mitte, links und rechts die Breite. " +
    "Das Modell sieht, was Sie sehen.",
  frame: "Einzelbild",
  frameOf: (frame, frames) => `${frame} von ${frames}`,

  questionTitle: "Frage",
  question: "Was möchten Sie über das Bild wissen?",
  questionExample: "Liegt ein Pleuraerguss vor?",
  choices: "Antwortmöglichkeiten",
  choicesNone: "Ohne Antwortmöglichkeiten antwortet das Modell frei, und es gibt keine Wahrscheinlichkeiten.",
  choicesSome: "Das Modell begründet und wählt dann eine. Jede bekommt eine Wahrscheinlichkeit.",
  choicesOne: "Es braucht mindestens zwei.",
  addChoice: "Antwortmöglichkeit hinzufügen",
  choice: (letter) => `Antwort ${letter}`,
  removeChoice: (letter) => `Antwort ${letter} entfernen`,
  ask: "Fragen",
  stop: "Anhalten",
  keys: "Strg + Eingabe",

  answerTitle: "Antwort",
  thinking: "Erst die Begründung, dann die Antwort.",
  stopped: "Angehalten.",
  unfinished: "Die Antwort ist nicht vollständig.",
  tooLong: "Der Text wurde zu lang und abgeschnitten. Die Antwort kann fehlen.",
  free: "Eine freie Antwort. Sie hat keine Wahrscheinlichkeit: Mit Antwortmöglichkeiten erfahren Sie, " +
    "wie sicher das Modell ist.",
  own: "Ihre eigene Antwort",
  ownNone: "(keine)",
  ownOther: "nichts davon",
  recorded: (record) => `Diese Antwort und Ihre stehen im Prüfprotokoll; sie ist Zeile ${record}.`,
  noAnswer: "Dem Text ist keine Antwort zu entnehmen.",
  notSure: "Nicht sicher",
  confidence: (share) => `Sicherheit ${share}`,
  likeliest: (letter, text, share) => `Am wahrscheinlichsten ist ${letter}, ${text}, mit ${share}.`,
  sureFrom: (share) => `Unter ${share} wird hier keine Antwort genannt.`,
  sureAlone: "Eine Antwort wird nur genannt, wenn die Vorhersagemenge aus einer besteht.",
  tableCaption: "Wie wahrscheinlich jede Antwort ist, mit dem Bild und ohne es",
  option: "Antwort",
  withImage: "Mit dem Bild",
  withoutImage: "Ohne es",
  inSet: "in der Menge",
  given: "in der Begründung genannt",
  set: (coverage, letters) =>
    `Vorhersagemenge: ${letters}. Bei Fragen wie denen, an denen sie bestimmt wurde, enthält eine solche ` +
    `Menge in ${coverage} der Fälle die richtige Antwort.`,
  noSet: "Keine Vorhersagemenge: Für dieses Modell wurde keine bestimmt.",
  isCalibrated: "Die Wahrscheinlichkeiten wurden an zurückgelegten Fragen kalibriert.",
  isNotCalibrated: "Die Wahrscheinlichkeiten sind die des Modells. Sie wurden nicht kalibriert, und solche " +
    "Modelle sind meist zu sicher.",
  sameWithout: (share) =>
    `Das Bild ändert wenig: Ohne es nennt das Modell dieselbe Antwort, mit ${share}. ` +
    "Halten Sie diese Antwort nicht für etwas Gesehenes.",
  print: "Drucken oder als PDF sichern",

  reasoning: "Begründung",
  checking: "Jeder Satz wird am Bild geprüft …",
  sentenceHint: "Zeigen Sie auf einen Satz, um zu sehen, auf welche Stellen des Bildes es für ihn ankommt. " +
    "Klick oder Eingabetaste hält ihn fest.",
  noMaps: "Keine Karte: Keine hat mit diesem Modell in der Prüfung auf die richtigen Stellen gezeigt.",
  mapKind: "Art der Karte",
  mapKinds: { occlusion: "was das Verdecken einer Stelle ändert", gradient: "Gradient mal Eingabe" },
  mapTested: (hits, chance) =>
    `In der Prüfung lag der hellste Punkt einer solchen Karte in ${hits} der Fälle an der Stelle, von der ` +
    `ein Satz sprach (Zufall: ${chance}).`,
  fromImage: "kommt aus dem Bild",
  perhapsImage: "kommt vielleicht aus dem Bild",
  notImage: "stünde auch ohne das Bild da",
  timesMore: (times) => `mit diesem Bild ${times}-mal so wahrscheinlich wie mit demselben, verwischt`,
  timesLess: (times) => `mit diesem Bild ${times}-mal unwahrscheinlicher als mit demselben, verwischt`,
  sentenceFact: (level, times) => [level, `: ${times}.`],
  sentencesFailed: "Die Sätze konnten nicht geprüft werden.",

  history: "Diese Sitzung",
  historyWhere: "Nur in dieser Seite gehalten und weg, sobald Sie sie schließen.",
  otherTab: "Die Seite ist noch in einem anderen Tab offen; jeder hat seine eigene Liste.",
  forget: "Alles vergessen",
  noQuestion: "(keine Frage)",

  madeBy: "Modell",
  madeAt: "Zeit",
  shownAs: "Darstellung",
  windowUsed: (centre, width) => `Fenstermitte ${centre}, Breite ${width}`,

  retry: "Noch einmal",
  problems: {
    unreachable: "Das Gerät antwortet nicht. Läuft der Server noch, steht die Verbindung?",
    cut: "Das Gerät verstummte mitten in der Antwort. Was es gesagt hatte, steht unten.",
    token: "Das Gerät kennt dieses Zugangskennwort nicht.",
    busy: "Das Gerät ist mit anderen Fragen beschäftigt. Ihre wartet, bis sie an der Reihe ist.",
    tooLarge: "Dieses Bild ist zu groß für das Gerät. Eine kleinere Kopie oder ein Ausschnitt genügt.",
    notAnImage: "Diese Datei lässt sich nicht als Bild lesen.",
    noImage: "Noch kein Bild da. Zuerst eines hierher ziehen, einfügen oder wählen.",
    noQuestion: "Noch keine Frage da.",
    emptyChoice: "Es braucht mindestens zwei Antworten, jede mit eigenem Text.",
    refused: "Das Gerät hat diese Anfrage abgelehnt.",
    server: "Auf dem Gerät ist etwas schiefgegangen.",
  },
  said: "Es sagte:",
};
