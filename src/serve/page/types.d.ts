// The shapes that the page's modules share: what the server says (docs/SERVER.md) and what a case
// is. For the type check alone; it is not part of the page.

export interface Device {
  model: string;
  engine: string;
  dtype: string;
  calibration: { method: string; items: number } | null;
  prediction_set: { coverage: number; threshold: number; items: number } | null;
  sure_from: number | null;
  sentence_methods: SentenceMethod[];
  audit: boolean;
  archive: boolean;
  max_image_bytes: number;
  max_choices: number;
  research_only: true;
}

export interface SentenceMethod {
  name: string;
  // Of its test: how often its brightest point lay where the sentence spoke of. Null: not tested.
  pointing: { hits: number; chance: number; earned: boolean } | null;
}

// How values become grey. Centre and width are null where a table of the file does it, or the least
// and the greatest value.
export interface GreyWindow {
  text: string;
  centre: number | null;
  width: number | null;
}

export interface DicomView {
  presets: (GreyWindow & { name: string })[];
  window: GreyWindow | null;
  frames: number;
  frame: number;
  modality: string;
  warnings: { kind: "burned_in" | "may_be_burned_in"; why: string }[];
}

export interface View {
  image: string;
  width: number;
  height: number;
  source_width: number;
  source_height: number;
  grid: { rows: number; columns: number };
  dicom: DicomView | null;
}

export interface Option {
  letter: string;
  text: string;
  probability: number;
}

export interface Answer {
  options: Option[];
  answer: string | null;
  stated: string | null;
  confidence: number | null;
  calibrated: boolean;
  set: string[] | null;
  coverage: number | null;
  sure: boolean | null;
  without_image: { options: Option[]; answer: string | null } | null;
  finish: "end" | "stop" | "length";
  // Where it stands in the audit log; null: none is kept.
  record: number | null;
}

export interface HeatMap {
  rows: number;
  columns: number;
  values: number[];
}

export interface Sentence {
  begin: number;
  end: number;
  text: string;
  from_image: number;
  map: HeatMap | null;
}

export interface Sentences {
  method: string | null;
  sentences: Sentence[];
}

// Where an image of the archive lies.
export interface ArchivePath {
  study: string;
  series: string;
  instance: string;
}

// An image that was read: the file's bytes as a data URL, how it is shown, what the server made of it.
export interface ShownImage {
  file: string;
  window: GreyWindow | null;
  frame: number | null;
  view: View;
  archive: ArchivePath | null;
}

// One question of this sitting, with all that came back.
export interface Case {
  image: ShownImage;
  question: string;
  choices: string[];
  begun: Date;
  reply: string;
  answer: Answer | null;
  // "checking" and "failed" are of the sentences: the answer is whole.
  state: "asking" | "stopped" | "cut" | "done";
  sentences: Sentences | "checking" | "failed" | null;
  // The reader's own answer: a letter, "" for none of the options, null for none given.
  own: string | null;
  filed: boolean;  // in the archive
}

export type ProblemKind = keyof typeof import("./en.js").strings.problems;
