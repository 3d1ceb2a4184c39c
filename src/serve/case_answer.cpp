#include "serve/case_answer.h"

#include <algorithm>
#include <vector>

#include "eval/calibration.h"     // calibrated_confidence, option_probabilities, OptionScores
#include "eval/prediction_set.h"  // prediction_set

namespace lmc::serve {

namespace {

Json options_json(const std::map<char, std::string>& options, const WeighedOptions& weighed) {
  Json list = Json::array();
  for (const auto& [letter, text] : options) {
    list.push_back({{"letter", std::string(1, letter)},
                    {"text", text},
                    {"probability", weighed.probability.at(letter)}});
  }
  return list;
}

Json letter_or_null(std::optional<char> letter) {
  return letter ? Json(std::string(1, *letter)) : Json(nullptr);
}

}  // namespace

WeighedOptions weighed(const std::map<char, double>& log_probability,
                       const std::optional<record::Calibration>& calibration,
                       const std::optional<record::PredictionSetRule>& sets) {
  eval::OptionScores scores;
  for (const auto& [letter, value] : log_probability) scores.log_probability.push_back(value);
  scores.given = static_cast<size_t>(
      std::max_element(scores.log_probability.begin(), scores.log_probability.end()) -
      scores.log_probability.begin());
  const bool has_temperature =
      calibration && calibration->method == record::CalibrationMethod::kTemperature;
  std::vector<double> shares = eval::option_probabilities(
      scores.log_probability, has_temperature ? calibration->temperature : 1);
  if (calibration && !has_temperature) {
    const double confidence = eval::calibrated_confidence(*calibration, scores);
    const double others = 1 - shares[scores.given];
    for (size_t i = 0; i < shares.size(); ++i) {
      // Where nothing is left to the others they are alike.
      const double part =
          others > 0 ? shares[i] / others : 1 / static_cast<double>(shares.size() - 1);
      shares[i] = i == scores.given ? confidence : (1 - confidence) * part;
    }
  }
  WeighedOptions result;
  std::vector<char> letters;
  for (const auto& [letter, value] : log_probability) {
    result.probability[letter] = shares[letters.size()];
    letters.push_back(letter);
  }
  result.likeliest = letters[scores.given];
  if (sets) {
    for (const size_t place : eval::prediction_set(*sets, scores.log_probability)) {
      result.set.push_back(letters[place]);
    }
  }
  return result;
}

Json to_json(const CaseAnswer& answer) {
  Json json = {{"options", Json::array()},
               {"answer", nullptr},
               {"stated", letter_or_null(answer.stated)},
               {"confidence", nullptr},
               {"calibrated", answer.is_calibrated},
               {"set", nullptr},
               {"coverage", nullptr},
               {"sure", nullptr},
               {"without_image", nullptr},
               {"finish", infer::finish_name(answer.finish)}};
  if (answer.with_image) {
    const WeighedOptions& with = *answer.with_image;
    const double confidence = with.probability.at(with.likeliest);
    json["options"] = options_json(answer.options, with);
    json["answer"] = letter_or_null(with.likeliest);
    json["confidence"] = confidence;
    if (!with.set.empty()) {
      json["set"] = Json::array();
      for (const char letter : with.set) json["set"].push_back(letter_or_null(letter));
      json["coverage"] = *answer.coverage;
      json["sure"] = with.set.size() == 1;
    }
    if (answer.sure_from > 0) json["sure"] = confidence >= answer.sure_from;
  }
  if (answer.without_image) {
    json["without_image"] = {{"options", options_json(answer.options, *answer.without_image)},
                             {"answer", letter_or_null(answer.without_image->likeliest)}};
  }
  return json;
}

}  // namespace lmc::serve
