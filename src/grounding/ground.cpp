#include "grounding/ground.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <span>

#include "base/check.h"                   // InputError
#include "base/file_lock.h"               // FolderLock
#include "base/files.h"                   // write_file
#include "eval/endpoint_predictor.h"      // EndpointPredictor
#include "eval/engine_predictor.h"        // EnginePredictor
#include "eval/evaluate.h"                // chosen_questions
#include "grounding/faithfulness.h"       // probe_reasoning
#include "grounding/grounding_metrics.h"  // measure_grounding
#include "grounding/image_swap.h"         // swapped_images
#include "grounding/map_metrics.h"        // map_metrics
#include "grounding/occlusion.h"          // occlusion_map
#include "grounding/probe_prompts.h"      // ProbePrompts
#include "grounding/reply_evidence.h"     // reply_evidence
#include "grounding/sentence_metrics.h"   // sentence_metrics
#include "record/missing_images.h"        // check_images_are_there
#include "record/run_folder.h"            // RunFolder, run_name
#include "record/run_lines.h"             // RunLog, complete

namespace lmc::grounding {

namespace {

constexpr char kWhere[] = "litemedcot ground";
constexpr int64_t kMaxCells = 32;  // down or across: a side has at least 32 pixels

void check_options(GroundOptions options) {
  check_fields(options.fields(), kWhere);
  infer::check_sampling(options.sampling);
  if (options.reply == prompt::ReplyStyle::kReasoningThenAnswer) return;
  if (options.faithfulness > 0) {
    throw InputError("--faithfulness", "there is no reasoning to change with --reply answer",
                     "--reply reasoning");
  }
  if (options.sentences > 0) {
    throw InputError("--sentences", "there are no sentences with --reply answer",
                     "--reply reasoning");
  }
}

// The folder is locked as long as the object lives.
std::unique_ptr<record::RunFolder> begin_folder(const GroundOptions& options,
                                                record::Manifest manifest) {
  std::vector<std::string> inputs = {options.questions};
  for (const record::ManifestInput& input : manifest.inputs) inputs.push_back(input.path);
  auto folder = std::make_unique<record::RunFolder>(run_output(options.out, inputs));
  folder->begin(record::stage_manifest(std::move(manifest), "ground",
                                       GroundOptions(options).fields(), {options.questions}),
                record::probes_path(options.out));
  return folder;
}

// The records of a file, which need not be there.
template <class Record>
std::vector<Record> read_records(const std::string& path,
                                 Record (*from_json)(const Json&, std::string_view)) {
  std::vector<Record> records;
  if (!file_exists(path)) return records;
  for (const Json& line : record::read_run_log(path)) {
    records.push_back(from_json(line, cat(path, ":", records.size() + 1)));
  }
  return records;
}

std::vector<record::ProbeAnswer> read_answers(const std::string& folder) {
  const std::string path = record::probes_path(folder);
  if (!file_exists(path)) throw InputError(path, "it is not there", "litemedcot ground makes it");
  return read_records(path, record::probe_answer_from_json);
}

record::RunLog new_log(std::string path, std::string first_key, std::string unit, size_t lines,
                       size_t block) {
  return {std::move(path),
          std::move(first_key),
          {"ground", std::move(unit), eval::kOnInterrupt, lines, block},
          {}};
}

// What a run works with, for its parts.
struct Work {
  infer::Engine& engine;
  const prompt::Processor& processor;
  const std::vector<record::Question>& questions;
  const GroundOptions& options;
  std::ostream& progress_out;
};

void put_questions(eval::Predictor& predictor, const std::vector<record::Question>& questions,
                   const GroundOptions& options, std::ostream& progress_out) {
  const auto seed = static_cast<uint64_t>(options.sampling.seed);
  const std::vector<Ask> asks = plan_asks(
      questions, conditions_from_names(options.conditions, questions), options.shuffles, seed);
  record::RunLog log = new_log(record::probes_path(options.out), "condition", "answers",
                               asks.size(), predictor.block());
  log.name = [&](size_t i) {
    return record::line_name(questions[asks[i].question].id, condition_name(asks[i].condition),
                             asks[i].variant);
  };
  log.lines.make = [&](size_t begin, const auto& hand_on) {
    const std::function<void(record::ProbeAnswer)> on_answer =
        [&](const record::ProbeAnswer& probe) { hand_on(record::to_json(probe)); };
    ProbePrompts prompts(questions, asks, seed, on_answer);
    predictor.answer(prompts, begin);
  };
  record::complete(log, progress_out);
}

// A run under way: its folder, and the questions whose answers under all conditions are there.
struct BegunRun {
  std::vector<record::Question> questions;
  std::unique_ptr<record::RunFolder> folder;
};

BegunRun begin(eval::Predictor& predictor, const GroundOptions& options, record::Manifest manifest,
               std::ostream& progress_out) {
  check_options(options);
  BegunRun run;
  run.questions = eval::chosen_questions(options.questions, options.split, options.limit);
  run.folder = begin_folder(options, std::move(manifest));
  put_questions(predictor, run.questions, options, progress_out);
  return run;
}

// From the lines, without a model.
record::GroundingResult write_result(const std::string& folder, const std::string& name) {
  const std::string path = record::manifest_path(folder);
  const record::Manifest manifest = record::read_manifest(path);
  if (manifest.command != "ground") {
    throw InputError(path, "expected the folder of a grounding run", "litemedcot ground makes one");
  }
  record::GroundingResult result = measure_grounding(
      read_answers(folder), json_get<std::string>(manifest.options, "reply", path));
  result.map_metrics =
      map_metrics(read_records(record::maps_path(folder), record::occlusion_map_from_json));
  result.faithfulness = faithfulness_metrics(
      read_records(record::faithfulness_path(folder), record::reasoning_probe_from_json));
  result.sentence_metrics = sentence_metrics(
      read_records(record::sentences_path(folder), record::reply_evidence_from_json));
  result.name =
      record::run_name(name.empty() ? record::text_option(manifest, "name") : name, folder);
  write_file(record::result_path(folder), to_pretty_text(record::to_json(result)));
  return result;
}

RealAnswers real_answers(const std::string& folder) {
  RealAnswers answers;
  for (record::ProbeAnswer& probe : read_answers(folder)) {
    if (probe.condition == condition_name(Condition::kReal)) {
      answers[probe.answer.question_id] = std::move(probe.answer);
    }
  }
  return answers;
}

void make_maps(const Work& work, const RealAnswers& real) {
  const GroundOptions& options = work.options;
  OcclusionOptions occlusion;
  occlusion.grid = options.map_grid;
  occlusion.window = options.map_window;
  occlusion.fill = options.map_fill;
  occlusion.curve_steps = options.curve_steps;
  occlusion.batch = options.batch;
  occlusion.with_reasoning = options.reply == prompt::ReplyStyle::kReasoningThenAnswer;
  occlusion.seed = static_cast<uint64_t>(options.sampling.seed);
  record::RunLog log =
      new_log(record::maps_path(options.out), "question_id", "maps",
              std::min(static_cast<size_t>(options.maps), work.questions.size()), 1);
  log.name = [&](size_t i) { return record::line_name(work.questions[i].id); };
  log.lines.make = [&](size_t begin, const auto& hand_on) {
    for (size_t i = begin; i < log.lines.lines; ++i) {
      const record::Question& question = work.questions[i];
      const record::OcclusionMap map =
          occlusion_map(work.engine, work.processor, question, real.at(question.id), occlusion);
      if (!map.error.empty()) record::check_images_are_there(work.questions, i);
      hand_on(record::to_json(map));
    }
  };
  record::complete(log, work.progress_out);
}

void change_reasoning(const Work& work, const RealAnswers& real) {
  constexpr size_t kPromptsPerQuestion = 4;
  const GroundOptions& options = work.options;
  const auto donor_of = donors(real, static_cast<uint64_t>(options.sampling.seed));
  record::RunLog log =
      new_log(record::faithfulness_path(options.out), "question_id", "reasonings",
              std::min(static_cast<size_t>(options.faithfulness), work.questions.size()),
              std::max<size_t>(static_cast<size_t>(options.batch) / kPromptsPerQuestion, 1));
  log.name = [&](size_t i) { return record::line_name(work.questions[i].id); };
  log.lines.make = [&](size_t begin, const auto& hand_on) {
    for (size_t i = begin; i < log.lines.lines; i += log.lines.block) {
      const size_t count = std::min(log.lines.block, log.lines.lines - i);
      const std::vector<record::ReasoningProbe> probes = probe_reasoning(
          work.engine, work.processor, std::span(work.questions).subspan(i, count), real, donor_of);
      for (size_t k = 0; k < count; ++k) {
        if (!probes[k].error.empty()) record::check_images_are_there(work.questions, i + k);
        hand_on(record::to_json(probes[k]));
      }
    }
  };
  record::complete(log, work.progress_out);
}

void examine_sentences(const Work& work, const RealAnswers& real) {
  EvidenceOptions options;
  options.grid = work.options.map_grid;
  options.fill = work.options.map_fill;
  options.batch = work.options.batch;
  const ImageSwap others =
      swapped_images(work.questions, false, static_cast<uint64_t>(work.options.sampling.seed));
  record::RunLog log =
      new_log(record::sentences_path(work.options.out), "question_id", "replies",
              std::min(static_cast<size_t>(work.options.sentences), work.questions.size()), 1);
  log.name = [&](size_t i) { return record::line_name(work.questions[i].id); };
  log.lines.make = [&](size_t begin, const auto& hand_on) {
    for (size_t i = begin; i < log.lines.lines; ++i) {
      const record::Question& question = work.questions[i];
      const record::Question* other = others[i] ? &work.questions[*others[i]] : nullptr;
      const record::ReplyEvidence evidence = reply_evidence(work.engine, work.processor, question,
                                                            real.at(question.id), other, options);
      if (!evidence.error.empty()) record::check_images_are_there(work.questions, i);
      hand_on(record::to_json(evidence));
    }
  };
  record::complete(log, work.progress_out);
}

}  // namespace

record::FolderOutput run_output(const std::string& folder, const std::vector<std::string>& inputs) {
  return {folder,
          "ground",
          inputs,
          {record::kManifestFile, record::kProbesFile, record::kMapsFile, record::kFaithfulnessFile,
           record::kSentencesFile, record::kResultFile,
           record::kAnswersFile,                       // an evaluation's
           record::kAsksFile, record::kRepliesFile}};  // of a model behind an endpoint
}

std::vector<Field> GroundOptions::fields() {
  std::vector<Field> all = grouped({
      under("Questions and run"),
      {"questions", "questions.jsonl", free_to_change(as_file(&questions)), true},
      {"out", "folder of the run", free_to_change(as_folder(&out)), true},
      {"name", "how reports call the run; default: the folder's name", free_to_change(&name)},
      under("Changed images and questions"),
      {"conditions",
       "real, grey, black, white, noise, absent, shuffled, shuffled-modality, patch-shuffled, "
       "low-pass, high-pass, rotation, option-hidden, caption; default: all that the questions "
       "allow",
       &conditions},
      {"shuffles", "how often images are exchanged between questions", &shuffles, at_least(1)},
      under("How it is asked"),
      {"reply",
       "answer: compare the letters, without a reply; reasoning: read the letter from a reply that "
       "reasons",
       &reply,
       false,
       {"answer", "reasoning"}},
      under("Questions and run"),
      {"split", "only the questions of this split", &split},
      {"limit", "only the first so many; 0: all", &limit, at_least(0)},
      under("How it is asked"),
      {"batch", "prompts put together", &batch, at_least(1)},
      // The counts may grow from one call to the next: what is there stays as it is.
      under("Maps, changed reasoning and sentences"),
      {"maps", "occlusion maps of the first so many questions", free_to_change(&maps), at_least(0)},
      {"map-grid", "cells of a map, down and across; 0: the model's visual tokens", &map_grid,
       from_to(0, kMaxCells)},
      {"map-window", "cells down and across that are hidden together", &map_window, at_least(1)},
      {"map-fill",
       "what hides them: surroundings: a smooth continuation of what is around; mean: the "
       "image's mean colour",
       &map_fill},
      {"curve-steps", "points of a map's deletion and insertion curves; 0: none", &curve_steps,
       at_least(0)},
      {"faithfulness", "answers after changed reasoning to the first so many questions",
       free_to_change(&faithfulness), at_least(0)},
      {"sentences",
       "of the replies to the first so many questions, whether each sentence comes from the image "
       "and where it looked; with --reply reasoning",
       free_to_change(&sentences), at_least(0)},
      under("How it is asked"),
      {"max-image-area", "image budget in pixels; 0: the model's own", &max_image_area,
       at_least(0)},
      under("Instead of asking a model"),
      {"rescore", "folder of a run whose result.json is recomputed from its lines, without a model",
       free_to_change(as_folder(&rescore))},
  });
  append_fields(all, "Sampling of replies", sampling.fields());
  return all;
}

eval::PredictionOptions GroundOptions::prediction(bool tells_likelihoods) const {
  eval::PredictionOptions how;
  if (reply == prompt::ReplyStyle::kAnswerOnly) {
    how.style = prompt::ReplyStyle::kAnswerOnly;
    how.by_likelihood = tells_likelihoods;
  }
  how.sampling = sampling;
  return how;
}

record::GroundingResult ground(eval::Predictor& predictor, const GroundOptions& options,
                               record::Manifest manifest, std::ostream& progress_out) {
  if (options.maps > 0 || options.faithfulness > 0 || options.sentences > 0) {
    throw InputError(options.maps > 0           ? "--maps"
                     : options.faithfulness > 0 ? "--faithfulness"
                                                : "--sentences",
                     "needs the probability of a given reply, which --endpoint does not tell");
  }
  const BegunRun run = begin(predictor, options, std::move(manifest), progress_out);
  return write_result(options.out, options.name);
}

record::GroundingResult ground(const eval::EndpointModel& model, const GroundOptions& options,
                               std::ostream& progress_out) {
  eval::EndpointPredictor predictor(model, options.prediction(false),
                                    {"ground", options.out, options.max_image_area}, progress_out);
  return ground(predictor, options, eval::manifest(model), progress_out);
}

record::GroundingResult ground(infer::Engine& engine, const prompt::Processor& given,
                               const GroundOptions& options, record::Manifest manifest,
                               std::ostream& progress_out) {
  const prompt::Processor processor = given.with_max_area_px(options.max_image_area);
  eval::EnginePredictor predictor(engine, processor, options.prediction(true), options.batch,
                                  "--reply answer");
  const BegunRun run = begin(predictor, options, std::move(manifest), progress_out);
  const Work work{engine, processor, run.questions, options, progress_out};
  const auto real = real_answers(options.out);
  if (options.maps > 0) make_maps(work, real);
  if (options.faithfulness > 0) change_reasoning(work, real);
  if (options.sentences > 0) examine_sentences(work, real);
  return write_result(options.out, options.name);
}

record::GroundingResult rescore(const std::string& folder, const std::string& name) {
  const std::string path = record::manifest_path(folder);
  if (!file_exists(path)) {
    throw InputError(path, "it is not there", "litemedcot ground makes it");
  }
  const FolderLock lock(folder);
  return write_result(folder, name);
}

}  // namespace lmc::grounding
