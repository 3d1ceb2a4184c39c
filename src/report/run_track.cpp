#include "report/run_track.h"

#include <filesystem>
#include <vector>

#include "base/check.h"       // cat
#include "base/files.h"       // file_exists
#include "record/manifest.h"  // sha256_of_input

namespace lmc::report {

namespace {

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool has_input(const Json& manifest, const std::string& sha256) {
  const auto inputs = manifest.find("inputs");
  if (inputs == manifest.end() || !inputs->is_array()) return false;
  for (const Json& input : *inputs) {
    if (text_at(input, "sha256") == sha256) return true;
  }
  return false;
}

}  // namespace

RunTrack track_of_run(const Json& manifest, const std::string& questions) {
  if (!manifest.is_object() || !manifest.contains("options")) return {"", "no manifest"};
  const Json& options = manifest["options"];
  const auto limit = options.is_object() ? options.find("limit") : options.end();
  if (limit != options.end() && limit->is_number_integer() && *limit > 0) {
    return {"", cat("only the first ", limit->get<int64_t>(), " questions were asked")};
  }
  if (!text_at(options, "split").empty()) {
    return {"", cat("only the split \"", text_at(options, "split"), "\" was asked")};
  }
  for (const std::string& path : {text_at(options, "questions"), questions}) {
    if (path.empty() || !file_exists(path)) continue;
    const std::string prepared =
        (std::filesystem::path(path).parent_path() / "result.json").string();
    if (!file_exists(prepared) || !has_input(manifest, record::sha256_of_input(path))) continue;
    const Json result = read_json(prepared);
    const std::string track = text_at(result, "track");
    if (track.empty()) return {"", "its questions were prepared without a track"};
    const Json notes = result.value("notes", Json::object());
    for (const auto& [note, count] : notes.items()) {
      if (note.starts_with("not the track ")) return {"", note};
    }
    return {track, "as prepared"};
  }
  return {"", "its questions are not at hand as they were"};
}

}  // namespace lmc::report
