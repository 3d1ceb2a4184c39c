// For tests only: questions about where a bright square is, and engines that look or do not.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"               // write_file
#include "base/sha256.h"              // sha256_hex
#include "image/image.h"              // encode_png
#include "prompt/processor.h"         // Processor
#include "record/question.h"          // Question
#include "support/scripted_engine.h"  // ScriptedEngine

namespace lmc::grounding {

inline constexpr int64_t kSidePx = 128;
inline constexpr int64_t kSquarePx = 32;

// A dark image with a bright square whose left upper corner is at (left, top).
inline image::Image square_image(int64_t left, int64_t top) {
  image::Image image{kSidePx, kSidePx, std::vector<uint8_t>(kSidePx * kSidePx * 3, 20)};
  for (int64_t y = top; y < top + kSquarePx; ++y) {
    for (int64_t x = left; x < left + kSquarePx; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        image.rgb_HWC[static_cast<size_t>((y * kSidePx + x) * 3 + c)] = 240;
      }
    }
  }
  return image;
}

class WorldTest : public testing::Test {
 protected:
  WorldTest() { make_folder(folder_); }
  ~WorldTest() override { std::filesystem::remove_all(folder_); }

  std::string questions_path() const { return folder_ + "/q.jsonl"; }

  // The square of question i is on the left (A) or right (B) in turn, at a height of its own.
  std::vector<record::Question> write_questions(int count) {
    std::vector<record::Question> questions;
    std::string text;
    for (int i = 0; i < count; ++i) {
      const int64_t left = i % 2 == 0 ? 16 : 80;
      const int64_t top = 16 * (i % 6);
      const std::string name = cat("p", i, ".png");
      image::Image image = square_image(left, top);
      image.rgb_HWC[0] = static_cast<uint8_t>(i);  // no two files are the same
      write_file(folder_ + "/" + name, image::encode_png(image));
      record::Question question;
      question.id = cat("q", i);
      question.image = name;
      question.image_sha256 = sha256_hex(read_file(folder_ + "/" + name));
      question.question = cat("Number ", i, ": on which side is the square?");
      question.options = {{'A', "left"}, {'B', "right"}, {'D', "nowhere"}};
      question.answer = i % 2 == 0 ? 'A' : 'B';
      question.caption = cat("SECRET ", i);
      question.split = "test";
      question.source = "set";
      question.modality = i % 4 < 2 ? "CT" : "MR";
      const auto right = static_cast<double>(left + kSquarePx);
      const auto bottom = static_cast<double>(top + kSquarePx);
      question.boxes = {
          {"square", {static_cast<double>(left), static_cast<double>(top), right, bottom}}};
      text += to_text(record::to_json(question)) + "\n";
      question.image = folder_ + "/" + name;
      questions.push_back(std::move(question));
    }
    write_file(questions_path(), text);
    return questions;
  }

  int32_t letter_id(char letter) const {
    return processor_.tokenizer().encode(cat("Answer: ", letter)).back();
  }
  std::string text_of(const prompt::ModelInput& input) const {
    return processor_.tokenizer().decode(input.ids);
  }

  // The share of the image's brightness on its left and on its right; a half each without one.
  static std::array<double, 2> brightness_by_side(const prompt::ModelInput& input) {
    std::array<double, 2> sides{0.5, 0.5};
    if (input.images.empty()) return sides;
    const image::PatchGrid& grid = *input.images[0];
    sides = {0, 0};
    const auto values = static_cast<size_t>(grid.values_per_patch);
    for (int64_t p = 0; p < grid.num_patches(); ++p) {
      // Patches lie in blocks of two by two.
      const int64_t column = p / 4 % (grid.grid_w / 2);
      double sum = 0;
      for (size_t k = 0; k < values; ++k) {
        sum += grid.pixel_values_PF[static_cast<size_t>(p) * values + k] + 1;
      }
      sides[column < grid.grid_w / 4 ? 0 : 1] += sum;
    }
    const double whole = sides[0] + sides[1];
    return whole == 0 ? std::array<double, 2>{0.5, 0.5}
                      : std::array<double, 2>{sides[0] / whole, sides[1] / whole};
  }

  // The brighter side, by its text: so that it knows where the option stands.
  std::array<char, 2> letters_of_sides(const prompt::ModelInput& input) const {
    const std::string text = text_of(input);
    std::array<char, 2> letters{'A', 'B'};
    for (const char letter : {'A', 'B', 'D'}) {
      if (text.find(cat(letter, ". left")) != text.npos) letters[0] = letter;
      if (text.find(cat(letter, ". right")) != text.npos) letters[1] = letter;
    }
    return letters;
  }

  std::vector<float> logits_for(const std::map<char, double>& by_letter) const {
    std::vector<float> logits(static_cast<size_t>(vocab_size()), 0.0F);
    for (const auto& [letter, value] : by_letter) {
      logits[static_cast<size_t>(letter_id(letter))] = static_cast<float>(value);
    }
    return logits;
  }

  infer::ScriptedEngine looking_engine() const {
    return {vocab_size(), infer::ScriptedEngine::NextLogits([this](const prompt::ModelInput& input,
                                                                   std::span<const int32_t>) {
              const auto sides = brightness_by_side(input);
              const auto letters = letters_of_sides(input);
              return logits_for({{letters[0], 8 + 8 * sides[0]}, {letters[1], 8 + 8 * sides[1]}});
            })};
  }

  // Answers by the question's number: A or B in an order of its own.
  infer::ScriptedEngine blind_engine() const {
    return {vocab_size(), infer::ScriptedEngine::NextLogits(
                              [this](const prompt::ModelInput& input, std::span<const int32_t>) {
                                const std::string text = text_of(input);
                                const int number = std::stoi(text.substr(text.find("Number ") + 7));
                                return logits_for({{number % 3 == 0 ? 'A' : 'B', 8}});
                              })};
  }

  int64_t vocab_size() const { return processor_.tokenizer().size(); }

  const std::string folder_ = testing::TempDir() + "ground_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
  prompt::Processor processor_{std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model"};
};

}  // namespace lmc::grounding
