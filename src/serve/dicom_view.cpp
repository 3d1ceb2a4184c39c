#include "serve/dicom_view.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lmc::serve {

namespace {

struct CentreAndWidth {
  double centre = 0;
  double width = 0;
};

// "40,400" or "40,400 sigmoid"; nothing of any other text.
std::optional<CentreAndWidth> numbers_of(std::string_view window) {
  CentreAndWidth numbers;
  const char* const end = window.data() + window.size();
  const auto [comma, error] = std::from_chars(window.data(), end, numbers.centre);
  if (error != std::errc() || comma == end || *comma != ',') return {};
  const auto [after, other_error] = std::from_chars(comma + 1, end, numbers.width);
  if (other_error != std::errc() || (after != end && *after != ' ')) return {};
  return numbers;
}

Json window_json(const std::string& text, const std::optional<CentreAndWidth>& numbers) {
  Json json = {{"text", text}, {"centre", nullptr}, {"width", nullptr}};
  if (numbers) {
    json["centre"] = numbers->centre;
    json["width"] = numbers->width;
  }
  return json;
}

}  // namespace

Json dicom_json(const image::DicomFacts& facts) {
  Json presets = Json::array();
  for (const image::Window& window : facts.presets) {
    std::optional<CentreAndWidth> numbers;
    if (window.table < 0) numbers = CentreAndWidth{window.center, window.width};
    presets.push_back(window_json(window.name, numbers));
    presets.back()["name"] = window.name;
  }
  Json json = {{"modality", facts.modality}, {"frames", facts.num_frames},
               {"frame", facts.frame},       {"presets", std::move(presets)},
               {"window", nullptr},          {"warnings", Json::array()}};
  if (!facts.window.empty()) json["window"] = window_json(facts.window, numbers_of(facts.window));
  if (!facts.burned_in.empty()) {
    json["warnings"].push_back({{"kind", facts.says_burned_in ? "burned_in" : "may_be_burned_in"},
                                {"why", facts.burned_in}});
  }
  return json;
}

}  // namespace lmc::serve
