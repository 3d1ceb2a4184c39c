#include "phantom/dataset.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "base/check.h"           // InputError, LMC_CHECK
#include "base/field_identity.h"  // deciding_options
#include "base/files.h"           // write_file, make_folder, read_file
#include "base/interrupt.h"       // interrupt_requested
#include "base/json.h"            // Json
#include "base/parallel.h"        // parallel_for
#include "base/sha256.h"          // sha256_hex
#include "image/image.h"          // encode_png
#include "phantom/reading.h"      // reading_conversation
#include "phantom/render.h"       // render
#include "record/explanation.h"   // Explanation
#include "record/output.h"        // OutputFolder
#include "record/question.h"      // Box

namespace lmc::phantom {

namespace {

constexpr int kFormatVersion = 3;
constexpr size_t kImagesPerTask = 64;

std::string part_name(const Part& part) { return part.sort + "_" + part.split; }

const std::vector<std::string>& kinds_of(const Part& part) {
  return part.sort == "single" ? single_kinds() : rule_families();
}

// Each run of 16 questions of a kind holds every pair of outcome and letter once, and each run of
// four within it every outcome once and every letter once.
Target target_at(const Part& part, const std::string& kind, int64_t place, int64_t seed) {
  const auto block = static_cast<uint64_t>(place / 16);
  Random random =
      Random::named(static_cast<uint64_t>(seed), part_name(part) + "/target/" + kind, block);
  std::vector<int> turns = {0, 1, 2, 3};
  random.shuffle(turns);
  std::vector<Target> targets;
  for (const int turn : turns) {
    std::vector<int> outcomes = {0, 1, 2, 3};
    random.shuffle(outcomes);
    for (const int outcome : outcomes) {
      targets.push_back({outcome, (outcome + turn) % kNumOptions});
    }
  }
  return targets[static_cast<size_t>(place % 16)];
}

// Rows are numbered apart in each part, so that no two questions of the world share an id.
constexpr int64_t kRowsPerPart = 1000000;

int64_t row_index(const Part& part, int64_t index) {
  static const std::array<std::string, 6> kParts = {"composite_train",   "composite_validation",
                                                    "composite_test",    "single_train",
                                                    "single_validation", "single_test"};
  const auto place = std::find(kParts.begin(), kParts.end(), part_name(part)) - kParts.begin();
  return place * kRowsPerPart + index;
}

std::string figure_name(const Part& part, int64_t index) {
  std::string digits = std::to_string(index);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return cat(part_name(part), "_", digits, ".png");
}

// A cell of RFC 4180: quoted when it has to be, quotes doubled.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// The rows of one question in the files of its part.
struct Rows {
  std::string csv;
  std::string boxes;
  std::string caption;
  std::string explanation;
};

Rows rows_of(const Part& part, int64_t index, const Question& question,
             const RenderedImage& rendered) {
  Rows rows;
  const std::string figure = figure_name(part, index);
  rows.csv = cat(row_index(part, index), ",", figure, ",", csv_cell(caption(question.findings)),
                 ",", csv_cell(question.text));
  // Choices look the way PMC-VQA writes them: blanks around, the letter in front.
  for (int i = 0; i < kNumOptions; ++i) {
    rows.csv += cat(",", csv_cell(cat(" ", static_cast<char>('A' + i), ": ",
                                      question.options[static_cast<size_t>(i)], " ")));
  }
  rows.csv += cat(",", question.answer, ",", part.split, "\n");

  // Where the answer is to be seen: that a zone is clear is evidence as a finding is.
  const std::set<std::string> asked = places_in(question.reasoning, question.findings);
  Json boxes = Json::array();
  for (const record::Box& box : rendered.boxes) {
    if (!asked.contains(box.label)) continue;
    boxes.push_back({{"label", box.label}, {"ltrb_px", box.ltrb_px}});
  }
  rows.boxes = to_text(Json{{"figure", figure}, {"boxes", boxes}}) + "\n";
  rows.caption = to_text(Json{{"image", "images/" + figure},
                              {"prompt", "Describe the image."},
                              {"reply", caption(question.findings)}}) +
                 "\n";
  record::Explanation explanation;
  explanation.question_id =
      cat("pmc-vqa-2/", row_index(part, index));  // as `prepare` calls this row
  explanation.accepted = true;
  explanation.reasoning = question.reasoning;
  explanation.answer = std::string(1, question.answer);
  explanation.teacher = "phantom";
  Json line = record::to_json(explanation);
  line["figure"] = figure;
  line["kind"] = question.kind;
  rows.explanation = to_text(line) + "\n";
  return rows;
}

// The files of a part, and one of the whole.
constexpr char kTableEnding[] = ".csv", kBoxesEnding[] = "_boxes.jsonl",
               kCaptionsEnding[] = "_captions.jsonl", kExplanationsEnding[] = "_explanations.jsonl";
constexpr char kReadingFile[] = "reading.jsonl";

constexpr char kTableHeader[] =
    "index,Figure_path,Caption,Question,Choice A,Choice B,Choice C,Choice D,Answer,split\n";

using Seen = std::unordered_map<std::string, std::string>;  // hash of an image -> its figure

void refuse_twins(Seen& seen, const std::string& hash, const std::string& figure) {
  const auto [first, is_new] = seen.emplace(hash, figure);
  LMC_CHECK(is_new, figure, " is the same image as ", first->second);
}

void write_part(const DatasetOptions& options, const Part& part, int64_t count, Seen& seen,
                const std::function<void()>& progress) {
  const auto num_questions = static_cast<size_t>(count);
  std::vector<Rows> rows(num_questions);
  std::vector<std::string> hashes(num_questions);
  const size_t num_tasks = (num_questions + kImagesPerTask - 1) / kImagesPerTask;
  parallel_for(num_tasks, [&](size_t task) {
    if (interrupt_requested()) return;
    const size_t end = std::min(num_questions, (task + 1) * kImagesPerTask);
    for (size_t i = task * kImagesPerTask; i < end; ++i) {
      const auto index = static_cast<int64_t>(i);
      const Question question = question_at(part, index, options.seed);
      Random seeds = Random::named(static_cast<uint64_t>(options.seed),
                                   part_name(part) + "/picture", static_cast<uint64_t>(i));
      const RenderedImage rendered = render(question.findings, seeds.next_bits());
      const auto& rgb = rendered.image.rgb_HWC;
      hashes[i] = sha256_hex({reinterpret_cast<const char*>(rgb.data()), rgb.size()});
      rows[i] = rows_of(part, index, question, rendered);
      write_file(cat(options.out, "/images/", figure_name(part, index)),
                 image::encode_png(rendered.image));
      if (progress) progress();
    }
  });
  if (interrupt_requested()) throw Interrupted("the same command writes the rest of the data set");

  std::string csv = kTableHeader;
  std::string boxes, captions, explanations;
  for (size_t i = 0; i < num_questions; ++i) {
    refuse_twins(seen, hashes[i], figure_name(part, static_cast<int64_t>(i)));
    csv += rows[i].csv;
    boxes += rows[i].boxes;
    captions += rows[i].caption;
    explanations += rows[i].explanation;
  }
  const std::string stem = cat(options.out, "/", part_name(part));
  write_file(stem + kTableEnding, csv);
  write_file(stem + kBoxesEnding, boxes);
  write_file(stem + kCaptionsEnding, captions);
  write_file(stem + kExplanationsEnding, explanations);
}

// Parts that have questions, and how many.
std::vector<std::pair<Part, int64_t>> parts_of(const DatasetOptions& options) {
  std::vector<std::pair<Part, int64_t>> parts = {
      {{"single", "train"}, options.single_train},
      {{"single", "validation"}, options.single_validation},
      {{"single", "test"}, options.single_test},
      {{"composite", "train"}, options.train},
      {{"composite", "validation"}, options.validation},
      {{"composite", "test"}, options.test}};
  std::erase_if(parts, [](const auto& part) { return part.second == 0; });
  return parts;
}

std::vector<std::string> files_of(const DatasetOptions& options) {
  std::vector<std::string> files = {"dataset.json", "dataset.unfinished.json", "images/"};
  if (options.reading > 0) files.emplace_back(kReadingFile);
  for (const auto& [part, count] : parts_of(options)) {
    for (const char* ending : {kTableEnding, kBoxesEnding, kCaptionsEnding, kExplanationsEnding}) {
      files.push_back(part_name(part) + ending);
    }
  }
  return files;
}

// What dataset.json says of these options: everything that decides the bytes.
Json description(const DatasetOptions& options) {
  DatasetOptions copy = options;
  Json json = {{"format", "litemedcot phantom"}, {"version", kFormatVersion}};
  json.update(deciding_options(copy.fields()));
  return json;
}

}  // namespace

std::vector<Field> DatasetOptions::fields() {
  return {
      {"out", "folder for the data set", free_to_change(as_folder(&out)), true},
      {"seed", "decides every image and question", &seed},
      {"train", "composite questions to train on", &train, from_to(0, kRowsPerPart)},
      {"validation", "composite questions for validation", &validation, from_to(0, kRowsPerPart)},
      {"test", "composite questions to test on", &test, from_to(0, kRowsPerPart)},
      {"single-train", "single-finding questions to train on", &single_train,
       from_to(0, kRowsPerPart)},
      {"single-validation", "single-finding questions for validation", &single_validation,
       from_to(0, kRowsPerPart)},
      {"single-test", "single-finding questions to test on", &single_test,
       from_to(0, kRowsPerPart)},
      {"reading", "conversations without images that teach to read options", &reading, at_least(0)},
  };
}

Question question_at(const Part& part, int64_t index, int64_t seed) {
  const auto& kinds = kinds_of(part);
  const auto num_kinds = static_cast<int64_t>(kinds.size());
  const std::string& kind = kinds[static_cast<size_t>(index % num_kinds)];
  const Target target = target_at(part, kind, index / num_kinds, seed);
  Random random = Random::named(static_cast<uint64_t>(seed), part_name(part) + "/question",
                                static_cast<uint64_t>(index));
  return part.sort == "single" ? make_single(kind, target, random)
                               : make_composite(kind, target, random);
}

void write_dataset(const DatasetOptions& options, const std::function<void()>& progress) {
  DatasetOptions copy = options;
  check_fields(copy.fields(), "litemedcot phantom");
  const std::string marker = options.out + "/dataset.json";
  const Json wanted = description(options);
  if (file_exists(marker)) {
    if (read_json(marker) == wanted) return;
    throw InputError(marker, "the folder holds a data set made with other options",
                     "name another folder with --out");
  }
  // Until the set is whole, its marker has another name: what stands beside that is this stage's.
  const std::string unfinished = options.out + "/dataset.unfinished.json";
  const bool goes_on = file_exists(unfinished) && read_json(unfinished) == wanted;
  const record::OutputFolder folder(
      {options.out, "phantom", {}, goes_on ? std::vector<std::string>() : files_of(options)});
  write_file(unfinished, to_pretty_text(wanted));
  make_folder(options.out + "/images");
  Seen seen;
  for (const auto& [part, count] : parts_of(options)) {
    write_part(options, part, count, seen, progress);
  }
  if (options.reading > 0) {
    std::string lines;
    for (int64_t i = 0; i < options.reading; ++i) {
      lines += to_text(reading_conversation(i, options.seed)) + "\n";
    }
    write_file(cat(options.out, "/", kReadingFile), lines);
  }
  std::filesystem::rename(unfinished, marker);
}

}  // namespace lmc::phantom
