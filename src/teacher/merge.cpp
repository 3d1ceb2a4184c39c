#include "teacher/merge.h"

#include <filesystem>
#include <unordered_map>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // AtomicFile, file_exists, make_parent_folder
#include "record/explanation.h"  // Explanation
#include "record/json_lines.h"   // for_each_record_at, LineReader
#include "record/output.h"       // check_list_beside

namespace lmc::teacher {

namespace {

namespace fs = std::filesystem;

constexpr size_t kExamples = 5;

// Where a file's counting line of a question stands.
struct Place {
  size_t file = 0;
  uint64_t offset = 0;
  bool accepted = false;
};

struct Entry {
  std::string question_id;
  std::vector<Place> places;  // one a file
};

void check_paths(const MergeOptions& options) {
  if (options.ledgers.size() < 2) {
    throw InputError("--merge",
                     cat("expected two or more ledgers, found ", options.ledgers.size()));
  }
  for (size_t i = 0; i < options.ledgers.size(); ++i) {
    const std::string& path = options.ledgers[i];
    if (!fs::is_regular_file(path)) throw InputError(path, "no such ledger");
    for (size_t k = 0; k < i; ++k) {
      if (fs::equivalent(path, options.ledgers[k])) {
        throw InputError(path, "the same ledger is given twice");
      }
    }
    if (file_exists(options.out) && fs::equivalent(path, options.out)) {
      throw InputError(options.out, "the merged ledger cannot be one of its inputs");
    }
  }
  if (file_exists(options.out)) {
    throw InputError(options.out, "is there already", "name a new file with --out");
  }
  record::check_list_beside(options.out + ".conflicts.jsonl", "question_id");
}

std::vector<Entry> read_places(const MergeOptions& options, MergeResult& result) {
  std::vector<Entry> entries;
  std::unordered_map<std::string, size_t> entry_of;
  for (size_t file = 0; file < options.ledgers.size(); ++file) {
    MergedFile& count = result.files.emplace_back();
    count.path = options.ledgers[file];
    record::for_each_record_at(
        count.path, record::LastLine::kMayBeCut,
        [&](const Json& json, const std::string& where, uint64_t offset) {
          const record::Explanation line = record::explanation_from_json(json, where);
          ++count.lines;
          const auto [place, is_new] = entry_of.emplace(line.question_id, entries.size());
          if (is_new) entries.push_back({line.question_id, {}});
          std::vector<Place>& places = entries[place->second].places;
          if (places.empty() || places.back().file != file) places.push_back({file, 0, false});
          places.back().offset = offset;
          places.back().accepted = line.accepted;
        });
  }
  for (const Entry& entry : entries) {
    for (const Place& place : entry.places) {
      MergedFile& count = result.files[place.file];
      ++(place.accepted ? count.accepted : count.rejected);
    }
  }
  return entries;
}

Json differences(const record::Explanation& kept, const record::Explanation& other) {
  Json differ = Json::array();
  if (kept.accepted != other.accepted) differ.push_back("verdict");
  if (kept.answer != other.answer) differ.push_back("answer");
  if (kept.reasoning != other.reasoning) differ.push_back("reasoning");
  return differ;
}

class Merger {
 public:
  Merger(const MergeOptions& options, MergeResult& result)
      : result_(result), out_(options.out), conflicts_(options.out + ".conflicts.jsonl") {
    for (const std::string& path : options.ledgers) readers_.emplace_back(path);
  }

  void add(const Entry& entry) {
    const Place& kept = place_to_keep(entry);
    const std::string line = readers_[kept.file].line_at(kept.offset);
    out_.write(line + "\n");
    ++result_.questions;
    result_.accepted += kept.accepted ? 1 : 0;
    if (entry.places.size() > 1) compare(entry, kept, explanation(line, kept));
  }

  // The ledger last: who finds it finds its conflicts beside it.
  void commit() {
    conflicts_.commit();
    out_.commit();
  }

 private:
  static const Place& place_to_keep(const Entry& entry) {
    for (const Place& place : entry.places) {
      if (place.accepted) return place;
    }
    return entry.places.front();
  }

  record::Explanation explanation(const std::string& line, const Place& place) const {
    const std::string& path = result_.files[place.file].path;
    return record::explanation_from_json(parse_json(line, path), path);
  }

  void compare(const Entry& entry, const Place& kept, const record::Explanation& line) {
    Json others = Json::array();
    for (const Place& place : entry.places) {
      if (place.file == kept.file) continue;
      const Json differ =
          differences(line, explanation(readers_[place.file].line_at(place.offset), place));
      if (differ.empty()) {
        ++result_.duplicates;
      } else {
        others.push_back({{"file", result_.files[place.file].path}, {"differs_in", differ}});
      }
    }
    if (others.empty()) return;
    ++result_.conflicts;
    if (result_.conflicting.size() < kExamples) result_.conflicting.push_back(entry.question_id);
    conflicts_.write(to_text(Json{{"question_id", entry.question_id},
                                  {"kept", result_.files[kept.file].path},
                                  {"kept_accepted", kept.accepted},
                                  {"others", others}}) +
                     "\n");
  }

  MergeResult& result_;
  std::vector<record::LineReader> readers_;
  AtomicFile out_;
  AtomicFile conflicts_;
};

}  // namespace

std::vector<Field> MergeOptions::fields() {
  return {{"merge", "ledgers, such as of shards, to make one of", &ledgers, true},
          {"out", "the merged ledger; a new file", &out, true}};
}

std::string summary(const MergeResult& result) {
  std::string text;
  for (const MergedFile& file : result.files) {
    text += cat(file.path, ": ", file.lines, " lines, accepted ", file.accepted, ", rejected ",
                file.rejected, "\n");
  }
  text += cat("merged: ", result.questions, " questions, accepted ", result.accepted, ", rejected ",
              result.questions - result.accepted, "; duplicates dropped ", result.duplicates,
              ", conflicts ", result.conflicts);
  const char* separator = " (";
  for (const std::string& id : result.conflicting) {
    text += cat(separator, id);
    separator = ", ";
  }
  if (result.conflicts > static_cast<int64_t>(result.conflicting.size())) text += ", ...";
  if (!result.conflicting.empty()) text += ")";
  return text + "\n";
}

MergeResult merge_ledgers(const MergeOptions& given) {
  MergeOptions options = given;
  check_fields(options.fields(), "litemedcot teach --merge");
  check_paths(options);
  MergeResult result;
  const std::vector<Entry> entries = read_places(options, result);
  make_parent_folder(options.out);
  Merger merger(options, result);
  for (const Entry& entry : entries) merger.add(entry);
  merger.commit();
  return result;
}

}  // namespace lmc::teacher
