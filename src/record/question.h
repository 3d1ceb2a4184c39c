// questions.jsonl: one multiple-choice question a line. Made by `prepare`, read by every later
// stage.
//
// Keys: id, image, image_sha256, question, options, answer, split and source are always there;
// caption, group, boxes and modality only when known.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// A finding's place, in pixels of the image as it is shown, upright: left, top, right, bottom.
struct Box {
  std::string label;
  std::array<double, 4> ltrb_px{};
};

struct Question {
  std::string id;     // stable: the same row of the same set always has the same id
  std::string image;  // path, relative to the folder of questions.jsonl or absolute; empty: none
  std::string image_sha256;
  std::string question;
  std::map<char, std::string> options;  // 'A'.. -> text without its letter
  char answer = 'A';
  std::string caption;  // never shown in evaluation
  std::string split;    // "train", "test", ...
  std::string source;   // set and file it came from
  std::string group;    // questions that share an image group; empty: none known
  std::vector<Box> boxes;
  std::string modality;
};

// What names the image group of a question: its group, else the image's hash, else its path.
std::string image_group_of(const Question& question);

// The list under the key "boxes", of a question or of a file of boxes; absent: none.
Json to_json(const std::vector<Box>& boxes);
std::vector<Box> boxes_from_json(const Json& json, std::string_view where);

Json to_json(const Question& question);
Question question_from_json(const Json& json, std::string_view where);

// The same of a record of the file at `path`: a relative image path is joined to its folder.
Question question_of_file(const Json& json, const std::string& path, std::string_view where);

// Visits the file's questions in order, in constant memory; a relative image path is joined to the
// file's folder, so that it can be opened. An id that occurs twice is visited twice.
// Errors: InputError naming file and line.
void for_each_question(
    const std::string& path,
    const std::function<void(Question question, const std::string& where)>& visit);

// Reads a whole file; a relative image path is joined to the file's folder, so that it can be
// opened.
// Errors: InputError naming file and line, also for an id that occurs twice.
std::vector<Question> read_questions(const std::string& path);

}  // namespace lmc::record
