#include "data/images.h"

#include <array>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "base/check.h"     // InputError
#include "base/files.h"     // read_file
#include "base/parallel.h"  // parallel_for
#include "base/sha256.h"    // sha256_hex
#include "image/image.h"    // decode

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kSubfolders = {
    "", "images", "figures", "images/images", "figures/figures", "images_2", "images_2/figures"};

bool leads_out(const fs::path& name) {
  for (const fs::path& part : name) {
    if (part == "..") return true;
  }
  return false;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// One picture file of the set, which several questions may show.
struct Picture {
  std::string path;
  std::string sha256;
  const char* problem = nullptr;
  std::string detail;
};

Picture inspect(const std::string& name, const ImageOptions& options) {
  Picture picture;
  picture.path = find_image(options.folder, name);
  if (picture.path.empty()) {
    picture.problem = "the image is missing";
    picture.detail = name;
    return picture;
  }
  try {
    const std::string bytes = read_file(picture.path);
    if (bytes.empty()) throw InputError(picture.path, "the file is empty");
    if (options.decode) image::decode(bytes, picture.path);
    picture.sha256 = sha256_hex(bytes);
  } catch (const InputError& error) {
    picture.problem = "the image cannot be read";
    picture.detail = error.what();
  }
  return picture;
}

}  // namespace

std::string find_image(const std::string& folder, const std::string& name) {
  const fs::path wanted(name);
  if (wanted.is_absolute()) return is_file(wanted) ? name : "";
  if (leads_out(wanted)) return "";
  for (const char* subfolder : kSubfolders) {
    const fs::path path = fs::path(folder) / subfolder / wanted;
    if (is_file(path)) return path.string();
  }
  return "";
}

void resolve_images(QuestionSet& set, const ImageOptions& options,
                    const std::function<void()>& progress) {
  std::unordered_map<std::string, size_t> place_of;
  std::vector<std::string> names;
  for (const SourceQuestion& source : set.questions) {
    if (place_of.emplace(source.question.image, names.size()).second) {
      names.push_back(source.question.image);
    }
  }
  std::vector<Picture> pictures(names.size());
  parallel_for(names.size(), [&](size_t i) {
    pictures[i] = inspect(names[i], options);
    if (progress) progress();
  });

  std::vector<SourceQuestion> kept;
  for (SourceQuestion& source : set.questions) {
    const Picture& picture = pictures[place_of.at(source.question.image)];
    if (picture.problem != nullptr) {
      set.rejected.push_back({set.file, source.row, picture.problem, picture.detail});
      continue;
    }
    source.question.image = picture.path;
    source.question.image_sha256 = picture.sha256;
    kept.push_back(std::move(source));
  }
  set.questions = std::move(kept);
}

}  // namespace lmc::data
