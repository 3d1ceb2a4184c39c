// For tests only: ledgers and questions written by hand.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"          // write_file, make_folder
#include "record/explanation.h"  // Explanation
#include "record/json_lines.h"   // for_each_record
#include "record/question.h"     // Question

namespace lmc::teacher {

class LedgerFilesTest : public testing::Test {
 protected:
  LedgerFilesTest() { make_folder(folder_); }
  ~LedgerFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string write(const std::string& name, const std::string& text) const {
    write_file(path(name), text);
    return path(name);
  }

  template <class Record>
  std::string write_records(const std::string& name, const std::vector<Record>& records) const {
    std::string text;
    for (const Record& one : records) text += to_text(record::to_json(one)) + "\n";
    return write(name, text);
  }

  static std::vector<Json> lines_of(const std::string& file) {
    std::vector<Json> lines;
    record::for_each_record(file, record::LastLine::kIsWhole,
                            [&](const Json& json, const std::string&) { lines.push_back(json); });
    return lines;
  }

  const std::string folder_ = testing::TempDir() + "ledger_files_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

inline record::Explanation accepted_line(const std::string& id, const std::string& reasoning,
                                         const std::string& answer) {
  record::Explanation line;
  line.question_id = id;
  line.accepted = true;
  line.reasoning = reasoning;
  line.answer = answer;
  line.reply = reasoning + "\n\nAnswer: " + answer;
  line.mode = "reject";
  line.teacher = "Qwen3-VL-235B-A22B-Instruct";
  line.prompt_sha256 = std::string(64, 'c');
  return line;
}

inline record::Explanation rejected_line(const std::string& id, const std::string& reasoning,
                                         const std::string& answer, const std::string& reason) {
  record::Explanation line = accepted_line(id, reasoning, answer);
  line.accepted = false;
  line.reason = reason;
  return line;
}

inline record::Question question_of(const std::string& id, const std::string& text,
                                    const std::map<char, std::string>& options, char answer,
                                    const std::string& image = "images/PMC1064097_F1.jpg") {
  record::Question question;
  question.id = id;
  question.image = image;
  question.image_sha256 = std::string(64, 'a');
  question.question = text;
  question.options = options;
  question.answer = answer;
  question.split = "train";
  question.source = "pmc-vqa-1:train.csv";
  return question;
}

// What the call throws as an InputError; fails when it throws nothing.
template <class Call>
std::string input_error_of(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return "";
}

}  // namespace lmc::teacher
