// Finds the images that questions name, and their identity.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "data/image_index.h"
#include "data/source_row.h"

namespace lmc::data {

// The reasons why an image spoils its question.
inline constexpr char kImageMissing[] = "the image is missing";
inline constexpr char kImageOutside[] = "the image lies outside the folder that --images names";
inline constexpr char kImageUnreadable[] = "the image cannot be read";

// Whether a name leads out of the folder: a table of someone else's is not to pick among all files
// of the machine. An absolute one may name what lies in it; an empty folder allows any.
bool leads_out(const std::string& folder, const std::string& name);

// Where `name` lies: in the folder, or in one of the folders that the sets' archives unpack to
// ("images", "figures", "images/images", ...). Empty: nowhere. A name that leads out of the folder
// is not followed.
std::string find_image(const std::string& folder, const std::string& name);

// What stands in the folder, without looking whether it does. Empty for a name that leads out.
std::string image_path(const std::string& folder, const std::string& name);

// An image of a question, found.
struct FoundImage {
  std::string path;  // empty: missing
  ImageFacts facts;
};

// The images that the rows name, looked up on all threads, each once.
// Errors: PassingError when the system cannot say or give what there is.
std::unordered_map<std::string, FoundImage> find_images(const std::vector<SourceRow>& rows,
                                                        const std::string& folder,
                                                        ImageIndex& image_index, bool decoded);

// To be called with what each find_images() of a run gave; `found_before` is the run's, at first
// empty. An image that was found is not to go: else those that were not found are no evidence.
// Errors: PassingError when it is gone.
void check_folder_is_there(const std::unordered_map<std::string, FoundImage>& images,
                           std::string& found_before);

// Paths relative to a folder, without asking the system for each: symbolic links of folders are
// resolved once a folder, the file's own name is kept.
class RelativePaths {
 public:
  explicit RelativePaths(const std::string& folder);
  std::string relative(const std::string& path);

 private:
  std::string folder_;
  std::unordered_map<std::string, std::string> prefix_of_;  // by the path's folder
};

}  // namespace lmc::data
