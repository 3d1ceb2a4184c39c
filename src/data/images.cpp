#include "data/images.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/input_file.h"     // is_passing, fail_to_read
#include "base/parallel.h"       // parallel_for
#include "base/passing_error.h"  // PassingError

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kSubfolders = {
    "", "images", "figures", "images/images", "figures/figures", "images_2", "images_2/figures"};
// Sets that keep each image in a folder of its own must not fill the memory.
constexpr size_t kMaxFoldersKept = 4096;

// By the names alone: a link in the folder may lead anywhere.
bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path way = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

bool is_file(const fs::path& path) {
  std::error_code error;
  const bool is_one = fs::is_regular_file(path, error);
  if (error && is_passing(error.value())) fail_to_read(path.string(), error.value());
  return is_one;
}

}  // namespace

bool leads_out(const std::string& folder, const std::string& name) {
  const fs::path wanted(name);
  if (wanted.is_absolute()) {
    return !folder.empty() && !lies_in(wanted, fs::absolute(folder)) &&
           !lies_in(wanted, fs::weakly_canonical(folder));
  }
  return std::find(wanted.begin(), wanted.end(), "..") != wanted.end();
}

std::string find_image(const std::string& folder, const std::string& name) {
  if (leads_out(folder, name)) return "";
  const fs::path wanted(name);
  if (wanted.is_absolute()) return is_file(wanted) ? name : "";
  for (const char* subfolder : kSubfolders) {
    const fs::path path = fs::path(folder) / subfolder / wanted;
    if (is_file(path)) return path.string();
  }
  return "";
}

std::string image_path(const std::string& folder, const std::string& name) {
  if (leads_out(folder, name)) return "";
  if (name.starts_with('/')) return name;
  return folder + "/" + name;
}

std::unordered_map<std::string, FoundImage> find_images(const std::vector<SourceRow>& rows,
                                                        const std::string& folder,
                                                        ImageIndex& image_index, bool decoded) {
  std::unordered_map<std::string, FoundImage> images;
  for (const SourceRow& row : rows) {
    if (!row.is_rejected()) images.try_emplace(row.question.image);
  }
  std::vector<std::pair<const std::string, FoundImage>*> list;
  for (auto& entry : images) list.push_back(&entry);
  parallel_for(list.size(), [&](size_t i) {
    auto& [name, image] = *list[i];
    image.path = find_image(folder, name);
    if (!image.path.empty()) {
      image.facts = image_index.look(fs::absolute(image.path).lexically_normal().string(), decoded);
    }
  });
  return images;
}

void check_folder_is_there(const std::unordered_map<std::string, FoundImage>& images,
                           std::string& found_before) {
  bool is_any_missing = false;
  for (const auto& [name, image] : images) {
    if (image.path.empty() || !image.facts.problem.empty()) {
      is_any_missing = true;
    } else if (found_before.empty()) {
      found_before = image.path;
    }
  }
  if (!is_any_missing || found_before.empty() || is_file(found_before)) return;
  throw PassingError(found_before, "was there a moment ago, and is not any more",
                     "bring the images back; the same command then goes on");
}

RelativePaths::RelativePaths(const std::string& folder)
    : folder_(fs::weakly_canonical(folder).string()) {}

std::string RelativePaths::relative(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string parent = slash == path.npos ? "." : path.substr(0, slash + 1);
  auto known = prefix_of_.find(parent);
  if (known == prefix_of_.end()) {
    if (prefix_of_.size() == kMaxFoldersKept) prefix_of_.clear();
    const fs::path prefix = fs::weakly_canonical(parent).lexically_relative(folder_);
    std::string text = prefix == "." ? "" : prefix.string() + "/";
    if (text.ends_with("//")) text.pop_back();
    known = prefix_of_.emplace(parent, std::move(text)).first;
  }
  return known->second + (slash == path.npos ? path : path.substr(slash + 1));
}

}  // namespace lmc::data
