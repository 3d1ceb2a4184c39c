#include "data/images.h"

#include <array>
#include <filesystem>

#include "base/parallel.h"  // parallel_for

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kSubfolders = {
    "", "images", "figures", "images/images", "figures/figures", "images_2", "images_2/figures"};
// Sets that keep each image in a folder of its own must not fill the memory.
constexpr size_t kMaxFoldersKept = 4096;

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

std::string image_path(const std::string& folder, const std::string& name) {
  if (name.starts_with('/')) return name;
  if (name.find("..") != name.npos && leads_out(name)) return "";
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
