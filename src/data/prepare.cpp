#include "data/prepare.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"      // InputError, Interrupted
#include "base/digest.h"     // digest_of
#include "base/files.h"      // make_folder, write_file
#include "base/interrupt.h"  // interrupt_requested
#include "base/progress.h"   // Progress
#include "data/audit.h"      // Auditor
#include "data/images.h"     // find_images
#include "data/question_files.h"
#include "data/row_choice.h"
#include "data/track.h"
#include "record/json_lines.h"  // for_each_record
#include "record/manifest.h"    // write_manifest
#include "record/output.h"      // OutputFolder
#include "record/run_files.h"   // manifest_path, result_path

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNotedRows = 5;
constexpr char kWhere[] = "litemedcot prepare";
// Large enough to keep all threads busy with its images, small enough not to show in memory.
constexpr size_t kBatchRows = 2048;

// The one source that was named.
const std::string& source_of(const PrepareOptions& options) {
  const std::string* source = nullptr;
  for (const std::string* one : {&options.pmc_vqa, &options.vqa_rad, &options.slake,
                                 &options.path_vqa, &options.csv, &options.jsonl}) {
    if (one->empty()) continue;
    if (source != nullptr) throw InputError(kWhere, "one source at a time", "see --help");
    source = one;
  }
  if (source == nullptr) {
    throw InputError(kWhere, "no source given",
                     "name one of --pmc-vqa, --vqa-rad, --slake, --path-vqa, --csv, --jsonl");
  }
  return *source;
}

void check_options(PrepareOptions options) {
  check_fields(options.fields(), kWhere);
  if (!file_exists(source_of(options))) throw InputError(source_of(options), "no such file");
  if (!options.images.empty() && !options.no_images && !fs::is_directory(options.images)) {
    throw InputError(options.images, "no such folder", "--images names the folder of the images");
  }
  if (options.no_images && options.decode_images) {
    throw InputError("--no-images", "no image is looked for, so none can be decoded");
  }
  if (!options.track.empty() && options.pmc_vqa.empty()) {
    throw InputError("--track", "the tracks are those of PMC-VQA", "name its table by --pmc-vqa");
  }
  if (!options.against.empty() && !options.audit) {
    throw InputError("--against", "sets are compared in an audit", "add --audit");
  }
}

void for_each_row(const PrepareOptions& options, const std::string& image_folder,
                  const VisitRow& visit) {
  if (!options.pmc_vqa.empty()) return for_each_pmc_vqa(options.pmc_vqa, visit);
  if (!options.vqa_rad.empty()) return for_each_vqa_rad(options.vqa_rad, visit);
  if (!options.slake.empty()) return for_each_slake(options.slake, image_folder, visit);
  if (!options.path_vqa.empty()) return for_each_path_vqa(options.path_vqa, visit);
  if (!options.csv.empty()) return for_each_csv(options.csv, visit);
  return for_each_json_line(options.jsonl, visit);
}

// Boxes by figure, from lines {"figure", "boxes": [{"label", "ltrb_px"}]}.
using BoxesOfFigure = std::unordered_map<std::string, std::vector<record::Box>>;
BoxesOfFigure read_boxes(const std::string& path) {
  BoxesOfFigure boxes_of;
  if (path.empty()) return boxes_of;
  record::for_each_record(path, record::LastLine::kIsWhole,
                          [&](const Json& json, const std::string& where) {
                            boxes_of[json_get<std::string>(json, "figure", where)] =
                                record::boxes_from_json(json, where);
                          });
  return boxes_of;
}

record::FolderOutput output_of(const PrepareOptions& options) {
  record::FolderOutput output{options.out, "prepare", options.against, {}};
  output.inputs.push_back(source_of(options));
  output.inputs.push_back(options.boxes);
  output.files = {record::kQuestionsFile, "rejected.jsonl", "row_ids.txt", record::kResultFile,
                  record::kManifestFile,  "audit.json",     "audit.html",  kImageIndexFile};
  return output;
}

// One run of the stage: rows come in, files grow.
class Preparation {
 public:
  Preparation(const PrepareOptions& options, const PrepareHooks& hooks)
      : options_(options),
        hooks_(hooks),
        source_(source_of(options)),
        track_(find_track(options.track)),
        image_folder_(options.images.empty() ? fs::absolute(source_).parent_path().string()
                                             : options.images),
        boxes_of_(read_boxes(options.boxes)),
        choice_(options.split,
                options.sample == 0 && track_ != nullptr ? track_->sample : options.sample,
                options.limit, options.seed),
        paths_(options.out),
        files_(options.out, source_) {
    if (options.audit) auditor_.emplace(options.out);
    result_.track = options.track;
  }

  PrepareResult run() {
    count_first();
    for_each_row(options_, image_folder_, [&](SourceRow& row) { take(row); });
    finish_batch();
    progress_.reset();
    result_.left_out = choice_.num_left_out();
    if (!options_.split.empty() && choice_.num_of_split() == 0 && result_.left_out > 0) {
      throw InputError("--split", cat("no question is of the split \"", options_.split, "\""));
    }
    files_.commit_rejected();
    check_any_question();
    note_track();
    if (image_index_) result_.images_read = image_index_->num_read();
    write_audit();
    write_rest();
    return result_;
  }

 private:
  // A pass over the rows alone, where their number must be known before the first is used: for the
  // sample, and to tell how long the images will take.
  void count_first() {
    const bool draws = options_.sample > 0 || (track_ != nullptr && track_->sample > 0);
    if (!draws && (options_.no_images || hooks_.progress == nullptr)) return;
    for_each_row(options_, image_folder_, [&](SourceRow& row) {
      if (!row.is_rejected()) choice_.count(row.question);
    });
    choice_.draw();
    if (!options_.no_images && hooks_.progress != nullptr) {
      progress_ = std::make_unique<Progress>(*hooks_.progress, "images of", choice_.num_chosen(),
                                             "questions");
    }
  }

  void take(SourceRow& row) {
    ++result_.rows;
    for (const char* note : row.notes) {
      ++result_.notes[note];
      std::vector<int64_t>& first = note_rows_[note];
      if (first.size() < kMaxNotedRows) first.push_back(row.number);
    }
    if (!row.is_rejected() && !choice_.keeps(row.question)) return;
    batch_.push_back(std::move(row));
    if (batch_.size() == kBatchRows) finish_batch();
  }

  // Before anything that stays: what stands beside a manifest is known to be this stage's. That of an
  // earlier run is replaced with its questions.
  void claim_folder() {
    if (!has_manifest_ && !file_exists(record::manifest_path(options_.out))) write_manifest();
    if (!options_.no_images && !image_index_) {
      image_index_.emplace(options_.out + "/" + kImageIndexFile);
    }
  }

  void finish_batch() {
    if (interrupt_requested()) {
      throw Interrupted("nothing was written yet; what is known of the images is kept");
    }
    claim_folder();
    std::unordered_map<std::string, FoundImage> images;
    if (image_index_) {
      images = find_images(batch_, image_folder_, *image_index_,
                           options_.decode_images || options_.audit);
      check_folder_is_there(images, found_image_);
    }
    int64_t num_questions = 0;
    for (SourceRow& row : batch_) {
      if (!row.is_rejected()) ++num_questions;
      const FoundImage* image = nullptr;
      if (!row.is_rejected()) {
        const auto boxes = boxes_of_.find(row.question.image);
        if (boxes != boxes_of_.end()) row.question.boxes = boxes->second;
        if (image_index_) image = &images.at(row.question.image);
        add_image(row, image);
      }
      write(row, image);
    }
    batch_.clear();
    if (progress_) progress_->add(num_questions);
  }

  // Replaces the name by the path, or rejects the row.
  void add_image(SourceRow& row, const FoundImage* image) {
    record::Question& question = row.question;
    std::string path = image == nullptr ? image_path(image_folder_, question.image) : image->path;
    if (path.empty()) {
      return row.reject(leads_out(image_folder_, question.image) ? kImageOutside : kImageMissing,
                        question.image);
    }
    if (image != nullptr) {
      const ImageFacts& facts = image->facts;
      if (!facts.problem.empty()) {
        return row.reject(kImageUnreadable, cat(path, ": ", facts.problem));
      }
      if (options_.decode_images && !facts.decode_problem.empty()) {
        return row.reject(kImageUnreadable, facts.decode_problem);
      }
      question.image_sha256 = facts.sha256;
    }
    question.image = paths_.relative(path);
  }

  void write(const SourceRow& row, const FoundImage* image) {
    if (auditor_) auditor_->add(row, image);
    if (row.is_rejected()) {
      if (result_.rejected.empty()) {
        first_reason_ = row.detail.empty() ? row.reason : cat(row.reason, " (", row.detail, ")");
      }
      ++result_.rejected[row.reason];
      files_.add_rejected(row);
      return;
    }
    if (result_.questions == 0) first_id_ = row.question.id;
    ++result_.questions;
    ++result_.gold_letters[row.question.answer];
    if (image != nullptr) count_kinds(*image);
    files_.add_question(row.question);
  }

  void count_kinds(const FoundImage& image) {
    const std::vector<std::string> kinds = image.facts.kinds();
    if (kinds.empty() || !odd_images_.insert(digest_of(image.path)).second) return;
    for (const std::string& kind : kinds) ++result_.image_kinds[kind];
  }

  void check_any_question() const {
    if (result_.questions > 0) return;
    throw InputError(source_,
                     cat("none of ", result_.num_rejected(), " rows makes a question",
                         first_reason_.empty() ? "" : cat("; the first: ", first_reason_)),
                     cat("see ", options_.out, "/rejected.jsonl"));
  }

  // What makes the questions another set than the track's.
  void note_track() {
    if (track_ == nullptr) return;
    const auto note = [&](const std::string& text, int64_t found) {
      result_.notes[cat("not the track ", track_->name, ": ", text)] = found;
    };
    if (result_.rows != track_->rows) note(cat("expected ", track_->rows, " rows"), result_.rows);
    if (!first_id_.starts_with(track_->id_prefix)) {
      note("the table is of the other version", result_.rows);
    }
    if (!options_.split.empty() || options_.limit > 0 ||
        (options_.sample > 0 && options_.sample != track_->sample)) {
      note("--split, --limit or --sample chose among its rows", result_.questions);
    }
  }

  void write_audit() {
    if (!auditor_) return;
    for (const std::string& path : options_.against) {
      auditor_->add_other(path, image_index_ ? &*image_index_ : nullptr, hooks_.progress);
    }
    record::Audit audit = auditor_->finish();
    audit.source = fs::path(source_).filename().string();
    audit.track = options_.track;
    audit.rows = result_.rows;
    audit.questions = result_.questions;
    audit.left_out = result_.left_out;
    audit.notes = result_.notes;
    audit.note_rows = note_rows_;
    write_file(options_.out + "/audit.json", to_pretty_text(record::to_json(audit)));
    if (hooks_.audit_page) write_file(options_.out + "/audit.html", hooks_.audit_page(audit));
    auditor_.reset();
  }

  void write_manifest() {
    std::vector<record::ManifestInput> inputs = {source_};
    if (!options_.boxes.empty()) inputs.emplace_back(options_.boxes);
    record::write_manifest(record::manifest_path(options_.out),
                           {"prepare", fields_to_json(PrepareOptions(options_).fields()), inputs,
                            Json::object(), "cpu"});
    has_manifest_ = true;
  }

  void write_rest() {
    result_.row_ids_sha256 = files_.commit_ids();
    if (!has_manifest_) write_manifest();
    write_file(record::result_path(options_.out), to_pretty_text(to_json(result_)));
    files_.commit_questions();
  }

  const PrepareOptions& options_;
  const PrepareHooks& hooks_;
  const std::string& source_;
  const Track* track_;
  std::string image_folder_;
  std::string found_image_;  // one that was found
  BoxesOfFigure boxes_of_;
  RowChoice choice_;
  RelativePaths paths_;
  QuestionFiles files_;
  std::optional<ImageIndex> image_index_;  // none: not looked for, or no row was read yet
  std::optional<Auditor> auditor_;
  bool has_manifest_ = false;  // of this run
  std::unique_ptr<Progress> progress_;
  std::vector<SourceRow> batch_;
  std::string first_reason_;
  std::string first_id_;
  PrepareResult result_;
  std::unordered_set<Digest> odd_images_;                  // whose kinds were counted
  std::map<std::string, std::vector<int64_t>> note_rows_;  // the first few of each note
};

}  // namespace

std::vector<Field> PrepareOptions::fields() {
  return grouped({
      under("Source: one of these"),
      {"pmc-vqa", "PMC-VQA table, version 1 or 2", as_file(&pmc_vqa)},
      {"vqa-rad", "VQA-RAD JSON file; its closed questions are taken", as_file(&vqa_rad)},
      {"slake", "SLAKE JSON file of one split; its closed questions are taken", as_file(&slake)},
      {"path-vqa", "PathVQA JSON or JSON Lines file; its yes-or-no questions are taken",
       as_file(&path_vqa)},
      {"csv", "own questions, a table: question, image, answer, A, B, ...", as_file(&csv)},
      {"jsonl", "own questions, one JSON object a line", as_file(&jsonl)},
      under("Images"),
      {"images", "folder of the images; default: the source's own", as_folder(&images)},
      {"no-images", "do not look for the images", &no_images},
      {"decode-images", "decode every image now, to find broken ones (slow)", &decode_images},
      {"boxes", "JSON Lines with the boxes of each figure", as_file(&boxes)},
      under("Questions"),
      {"out", "folder for questions.jsonl", as_folder(&out), true},
      {"split", "keep only the questions of this split", &split},
      {"track", "evaluation track of PMC-VQA that the table is", &track, false, track_names()},
      {"limit", "keep only the first so many; 0: all", &limit, at_least(0)},
      {"sample", "keep only so many, drawn at random; 0: all", &sample, at_least(0)},
      {"seed", "decides what --sample draws", &seed},
      under("Audit"),
      {"audit", "write audit.html and audit.json: faults, priors, duplicates, leaks", &audit},
      {"against", "prepared sets that the audit compares with", as_folder(&against)},
  });
}

int64_t PrepareResult::num_rejected() const {
  int64_t sum = 0;
  for (const auto& [reason, number] : rejected) sum += number;
  return sum;
}

Json to_json(const PrepareResult& result) {
  Json letters = Json::object();
  for (const auto& [letter, number] : result.gold_letters) letters[std::string(1, letter)] = number;
  Json json = {{"questions", result.questions},
               {"left_out", result.left_out},
               {"rejected", result.rejected},
               {"notes", result.notes},
               {"gold_letters", letters},
               {"rows", result.rows},
               {"row_ids_sha256", result.row_ids_sha256},
               {"picture_kinds", result.image_kinds}};
  if (!result.track.empty()) json["track"] = result.track;
  return json;
}

std::string summary(const PrepareResult& result) {
  std::string text = cat(result.questions, " questions");
  if (!result.track.empty()) text += cat(" (track ", result.track, ")");
  if (result.left_out > 0) text += cat(", ", result.left_out, " left out");
  text += cat(", ", result.num_rejected(), " rows rejected\n");
  for (const auto& [reason, number] : result.rejected)
    text += cat("  ", number, ": ", reason, "\n");
  for (const auto& [note, number] : result.notes) text += cat("  note, ", number, ": ", note, "\n");
  for (const auto& [kind, number] : result.image_kinds)
    text += cat("  images, ", number, ": ", kind, "\n");
  return text;
}

PrepareResult prepare(const PrepareOptions& options, const PrepareHooks& hooks) {
  check_options(options);
  const record::OutputFolder folder(output_of(options));
  return Preparation(options, hooks).run();
}

}  // namespace lmc::data
