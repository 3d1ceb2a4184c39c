#include "data/prepare.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <unordered_map>

#include "base/check.h"         // InputError
#include "base/files.h"         // AtomicFile, make_folder
#include "base/random.h"        // Random
#include "data/images.h"        // resolve_images
#include "data/question_set.h"  // QuestionSet
#include "record/json_lines.h"  // for_each_record
#include "record/manifest.h"    // write_manifest

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr char kWhere[] = "litemedcot prepare";

// The one source that was named.
const std::string& source_of(const PrepareOptions& options) {
  const std::string* source = nullptr;
  for (const std::string* one :
       {&options.pmc_vqa, &options.vqa_rad, &options.slake, &options.jsonl}) {
    if (one->empty()) continue;
    if (source != nullptr) throw InputError(kWhere, "one source at a time", "see --help");
    source = one;
  }
  if (source == nullptr) {
    throw InputError(kWhere, "no source given",
                     "name one of --pmc-vqa, --vqa-rad, --slake, --jsonl");
  }
  return *source;
}

void check_options(PrepareOptions options) {
  check_fields(options.fields(), kWhere);
  source_of(options);
  for (const auto& [name, value] :
       {std::pair{"--limit", options.limit}, std::pair{"--sample", options.sample}}) {
    if (value < 0) throw InputError(name, cat("expected 0 or more, found ", value));
  }
  if (!options.images.empty() && !fs::is_directory(options.images)) {
    throw InputError(options.images, "no such folder", "--images names the folder of the pictures");
  }
}

QuestionSet read_source(const PrepareOptions& options, const std::string& image_folder) {
  if (!options.pmc_vqa.empty()) return read_pmc_vqa(options.pmc_vqa);
  if (!options.vqa_rad.empty()) return read_vqa_rad(options.vqa_rad);
  if (!options.slake.empty()) return read_slake(options.slake, image_folder);
  return read_json_lines(options.jsonl);
}

// Keeps the wanted split, then a random sample in the source's order, then the first ones.
int64_t leave_out(QuestionSet& set, const PrepareOptions& options) {
  std::vector<SourceQuestion>& questions = set.questions;
  const size_t before = questions.size();
  if (!options.split.empty()) {
    std::erase_if(questions,
                  [&](const SourceQuestion& one) { return one.question.split != options.split; });
    if (before > 0 && questions.empty()) {
      throw InputError("--split", cat("no question is of the split \"", options.split, "\""));
    }
  }
  const auto sample = static_cast<size_t>(options.sample);
  if (sample > 0 && sample < questions.size()) {
    std::vector<size_t> places(questions.size());
    std::iota(places.begin(), places.end(), size_t{0});
    Random random = Random::named(static_cast<uint64_t>(options.seed), "prepare/sample");
    random.shuffle(places);
    places.resize(sample);
    std::sort(places.begin(), places.end());
    std::vector<SourceQuestion> drawn;
    for (const size_t place : places) drawn.push_back(std::move(questions[place]));
    questions = std::move(drawn);
  }
  const auto limit = static_cast<size_t>(options.limit);
  if (limit > 0 && limit < questions.size()) questions.resize(limit);
  return static_cast<int64_t>(before - questions.size());
}

// Boxes by figure, from lines {"figure", "boxes": [{"label", "ltrb_px"}]}.
void add_boxes(QuestionSet& set, const std::string& path) {
  if (path.empty()) return;
  std::unordered_map<std::string, std::vector<record::Box>> boxes_of;
  record::for_each_record(path, record::LastLine::kIsWhole,
                          [&](const Json& json, const std::string& where) {
                            boxes_of[json_get<std::string>(json, "figure", where)] =
                                record::boxes_from_json(json, where);
                          });
  for (SourceQuestion& source : set.questions) {
    const auto found = boxes_of.find(source.question.image);
    if (found != boxes_of.end()) source.question.boxes = found->second;
  }
}

PrepareResult count(const QuestionSet& set, int64_t left_out) {
  PrepareResult result;
  result.questions = static_cast<int64_t>(set.questions.size());
  result.left_out = left_out;
  result.notes = set.notes;
  for (const RejectedRow& row : set.rejected) ++result.rejected[row.reason];
  for (const SourceQuestion& source : set.questions) ++result.gold_letters[source.question.answer];
  return result;
}

void write_rejected(const std::string& folder, QuestionSet& set) {
  std::sort(set.rejected.begin(), set.rejected.end(),
            [](const RejectedRow& a, const RejectedRow& b) { return a.row < b.row; });
  AtomicFile file(folder + "/rejected.jsonl");
  for (const RejectedRow& row : set.rejected) {
    file.write(
        to_text(Json{
            {"file", row.file}, {"row", row.row}, {"reason", row.reason}, {"detail", row.detail}}) +
        "\n");
  }
  file.commit();
}

void write_questions(const std::string& folder, const QuestionSet& set) {
  const fs::path base = fs::weakly_canonical(folder);
  AtomicFile file(folder + "/questions.jsonl");
  for (const SourceQuestion& source : set.questions) {
    record::Question question = source.question;
    question.image = fs::weakly_canonical(question.image).lexically_relative(base).string();
    file.write(to_text(record::to_json(question)) + "\n");
  }
  file.commit();
}

}  // namespace

std::vector<Field> PrepareOptions::fields() {
  return {
      {"pmc-vqa", "PMC-VQA table, version 1 or 2", &pmc_vqa},
      {"vqa-rad", "VQA-RAD JSON file; its closed questions are taken", &vqa_rad},
      {"slake", "SLAKE JSON file of one split; its closed questions are taken", &slake},
      {"jsonl", "own questions, one JSON object a line", &jsonl},
      {"images", "folder of the pictures; default: the source's own", &images},
      {"decode-images", "decode every picture now, to find broken ones (slow)", &decode_images},
      {"boxes", "JSON Lines with the boxes of each figure", &boxes},
      {"out", "folder for questions.jsonl", &out, true},
      {"split", "keep only the questions of this split", &split},
      {"limit", "keep only the first so many; 0: all", &limit},
      {"sample", "keep only so many, drawn at random; 0: all", &sample},
      {"seed", "decides what --sample draws", &seed},
  };
}

int64_t PrepareResult::num_rejected() const {
  int64_t sum = 0;
  for (const auto& [reason, number] : rejected) sum += number;
  return sum;
}

Json to_json(const PrepareResult& result) {
  Json letters = Json::object();
  for (const auto& [letter, number] : result.gold_letters) letters[std::string(1, letter)] = number;
  return {{"questions", result.questions},
          {"left_out", result.left_out},
          {"rejected", result.rejected},
          {"notes", result.notes},
          {"gold_letters", letters}};
}

std::string summary(const PrepareResult& result) {
  std::string text = cat(result.questions, " questions");
  if (result.left_out > 0) text += cat(", ", result.left_out, " left out");
  text += cat(", ", result.num_rejected(), " rows rejected\n");
  for (const auto& [reason, number] : result.rejected)
    text += cat("  ", number, ": ", reason, "\n");
  for (const auto& [note, number] : result.notes) text += cat("  note, ", number, ": ", note, "\n");
  return text;
}

PrepareResult prepare(const PrepareOptions& options, const std::function<void()>& progress) {
  check_options(options);
  const std::string& source = source_of(options);
  std::string image_folder = options.images;
  if (image_folder.empty()) image_folder = fs::absolute(source).parent_path().string();

  QuestionSet set = read_source(options, image_folder);
  const int64_t left_out = leave_out(set, options);
  add_boxes(set, options.boxes);
  resolve_images(set, {image_folder, options.decode_images}, progress);
  const PrepareResult result = count(set, left_out);

  make_folder(options.out);
  write_rejected(options.out, set);
  if (set.questions.empty()) {
    throw InputError(source,
                     cat("none of ", set.rejected.size(), " rows makes a question",
                         set.rejected.empty() ? "" : cat("; the first: ", set.rejected[0].reason)),
                     cat("see ", options.out, "/rejected.jsonl"));
  }
  write_file(options.out + "/result.json", to_pretty_text(to_json(result)));
  PrepareOptions copy = options;
  std::vector<std::string> inputs = {source};
  if (!options.boxes.empty()) inputs.push_back(options.boxes);
  record::write_manifest(options.out,
                         {"prepare", fields_to_json(copy.fields()), inputs, Json::object(), "cpu"});
  write_questions(options.out, set);  // last: a folder that has it is complete
  return result;
}

}  // namespace lmc::data
