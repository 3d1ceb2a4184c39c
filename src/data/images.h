// Finds the pictures that questions name, and their identity.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/question_set.h"  // QuestionSet

namespace lmc::data {

struct ImageOptions {
  std::string folder;   // where the source's image names are looked for
  bool decode = false;  // also decode every picture, so that a broken one is found now: slow
};

// Where `name` lies: in the folder, or in one of the folders that the sets' archives unpack to
// ("images", "figures", "images/images", ...). Empty: nowhere. A name that leads out of the folder
// is not followed.
std::string find_image(const std::string& folder, const std::string& name);

// Replaces each question's image name by the path found and fills in its SHA-256. A question whose
// picture is missing or unreadable becomes a rejected row. Each file is read once, on all threads;
// `progress` is called after each of them, from any thread.
void resolve_images(QuestionSet& set, const ImageOptions& options,
                    const std::function<void()>& progress = {});

}  // namespace lmc::data
