#include "report/run_track.h"

#include <algorithm>
#include <filesystem>

#include "base/check.h"        // cat
#include "base/files.h"        // file_exists
#include "record/run_files.h"  // result_path

namespace lmc::report {

namespace {

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool has_input(const record::Manifest& manifest, const std::string& sha256) {
  return std::any_of(manifest.inputs.begin(), manifest.inputs.end(),
                     [&](const record::ManifestInput& input) { return input.sha256 == sha256; });
}

}  // namespace

RunTrack track_of_run(const std::optional<record::Manifest>& manifest,
                      const std::string& questions) {
  if (!manifest) return {"", "no manifest"};
  const auto limit = json_get_or<int64_t>(manifest->options, "limit", "manifest.json", 0);
  if (limit > 0) return {"", cat("only the first ", limit, " questions were asked")};
  const std::string split = record::text_option(*manifest, "split");
  if (!split.empty()) return {"", cat("only the split \"", split, "\" was asked")};
  for (const std::string& path : {record::text_option(*manifest, "questions"), questions}) {
    if (path.empty() || !file_exists(path)) continue;
    const std::string prepared =
        record::result_path(std::filesystem::path(path).parent_path().string());
    if (!file_exists(prepared) || !has_input(*manifest, record::sha256_of_input(path))) continue;
    const Json result = read_json(prepared);
    const std::string track = text_at(result, "track");
    if (track.empty()) return {"", "its questions were prepared without a track"};
    const auto notes_at = result.find("notes");
    const Json notes = notes_at == result.end() ? Json::object() : *notes_at;
    for (const auto& [note, count] : notes.items()) {
      if (note.starts_with("not the track ")) return {"", note};
    }
    return {track, "as prepared"};
  }
  return {"", "its questions are not at hand as they were"};
}

}  // namespace lmc::report
