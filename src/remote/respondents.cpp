#include "remote/respondents.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"                   // InputError, cat
#include "base/parallel.h"                // parallel_for
#include "data/picture.h"                 // read_picture
#include "grounding/asked_question.h"     // question_as_asked, picture_as_asked
#include "grounding/picture_condition.h"  // at_model_size
#include "net/data_url.h"                 // make_data_url
#include "stats/cluster_bootstrap.h"      // figure_of

namespace lmc::remote {

namespace {

// As an engine would have it: a question whose picture cannot be read is not put.
void note_picture_sizes(std::span<const record::Question> questions,
                        std::vector<record::Answer>& answers) {
  parallel_for(questions.size(), [&](size_t i) {
    try {
      const image::Image picture = data::read_picture(questions[i]);
      answers[i].picture_hw_px = {picture.height_px, picture.width_px};
    } catch (const InputError& error) {
      answers[i].error = error.what();
    }
  });
}

std::vector<record::Answer> answers_to(std::span<const record::Question> questions,
                                       const RemoteOptions& remote,
                                       const eval::EvaluateOptions& options,
                                       std::ostream& progress_out) {
  const auto samples = static_cast<size_t>(options.samples);
  std::vector<record::Question> asks;
  for (const record::Question& question : questions) {
    for (size_t k = 0; k < samples; ++k) {
      record::Question ask = question;
      ask.caption.clear();
      if (samples > 1) ask.id = cat(question.id, " #", k);
      asks.push_back(std::move(ask));
    }
  }
  const AskForm form{
      "evaluate", options.out, options.reply, options.sampling, options.max_image_area, nullptr};
  const std::vector<record::Answer> replies = ask(asks, remote, form, progress_out);
  std::vector<record::Answer> answers;
  for (size_t i = 0; i < questions.size(); ++i) {
    record::Answer& answer = answers.emplace_back(replies[i * samples]);
    answer.question_id = questions[i].id;
    answer.gold = questions[i].answer;
    answer.figure = record::figure_of(questions[i]);
    if (samples == 1) continue;
    for (size_t k = 0; k < samples; ++k) {
      const record::Answer& one = replies[i * samples + k];
      answer.samples.push_back({one.letter, one.reply, one.finish, one.reply_tokens});
    }
    answer.letter_log_probability.clear();
    record::take_vote(answer);
  }
  note_picture_sizes(questions, answers);
  return answers;
}

// The name of an ask, of which its picture is found again when it is sent.
std::string name_of(const record::Question& question, const grounding::Ask& ask) {
  return cat(question.id, " ", grounding::condition_name(ask.condition), " ", ask.variant);
}

std::string url_of(std::span<const record::Question> questions, const grounding::Ask& ask,
                   uint64_t seed, const image::PreprocessOptions& size) {
  if (ask.condition == grounding::Condition::kAbsent) return "";
  const auto picture_of = [&](size_t i) {
    return grounding::at_model_size(data::read_picture(questions[i]), size, questions[i].image);
  };
  const image::Image own = picture_of(ask.question);
  const image::Image lent = ask.picture == ask.question ? own : picture_of(ask.picture);
  return net::make_data_url("image/png",
                            image::encode_png(grounding::picture_as_asked(
                                own, lent, ask, questions[ask.question].id, seed, size)));
}

std::vector<record::ProbeAnswer> probe_answers(std::span<const record::Question> questions,
                                               std::span<const grounding::Ask> asks,
                                               const RemoteOptions& remote,
                                               const grounding::GroundOptions& options,
                                               std::ostream& progress_out) {
  image::PreprocessOptions size;
  size.min_area_px = 1;  // making small pictures larger is the server's affair
  if (options.max_image_area > 0) size.max_area_px = options.max_image_area;
  std::vector<record::Question> shown;
  std::map<std::string, const grounding::Ask*> by_name;
  for (const grounding::Ask& ask : asks) {
    const record::Question& question = questions[ask.question];
    record::Question& one = shown.emplace_back(grounding::question_as_asked(question, ask));
    one.id = name_of(question, ask);
    one.caption = grounding::caption_as_asked(question, ask);
    if (ask.condition == grounding::Condition::kAbsent) one.image.clear();
    by_name[one.id] = &ask;
  }
  AskForm form{"ground", options.out, options.reply, options.sampling, 0, nullptr};
  form.pictures = [&](const record::Question& one) {
    return url_of(questions, *by_name.at(one.id), static_cast<uint64_t>(options.sampling.seed),
                  size);
  };
  const std::vector<record::Answer> replies = ask(shown, remote, form, progress_out);
  std::vector<record::ProbeAnswer> probes;
  for (size_t i = 0; i < asks.size(); ++i) {
    record::ProbeAnswer& probe = probes.emplace_back(grounding::unanswered(questions, asks[i]));
    probe.answer.letter = replies[i].letter;
    probe.answer.reply = replies[i].reply;
    probe.answer.finish = replies[i].finish;
    probe.answer.reply_tokens = replies[i].reply_tokens;
    probe.answer.letter_log_probability = replies[i].letter_log_probability;
    probe.answer.error = replies[i].error;
    grounding::translate_letters(questions[asks[i].question], asks[i], probe.answer);
  }
  return probes;
}

}  // namespace

eval::Respondent respondent(const RemoteOptions& remote, const eval::EvaluateOptions& options,
                            std::ostream& progress_out) {
  if (options.mode != eval::AnswerMode::kGenerate) {
    throw InputError(
        "--mode",
        cat("an endpoint replies; it does not tell what ", lmc::name_of(options.mode), " needs"),
        "--reply answer --top-log-probs 20");
  }
  return {[&](std::span<const eval::PlacedQuestion> placed, const auto& on_answer) {
            std::vector<record::Question> questions;
            for (const eval::PlacedQuestion& one : placed) questions.push_back(*one.question);
            for (record::Answer& answer : answers_to(questions, remote, options, progress_out)) {
              on_answer(std::move(answer));
            }
          },
          0};
}

grounding::Respondent respondent(const RemoteOptions& remote,
                                 const grounding::GroundOptions& options,
                                 std::ostream& progress_out) {
  return {[&](std::span<const record::Question> questions, std::span<const grounding::Ask> asks,
              uint64_t, const auto& on_answer) {
            for (record::ProbeAnswer& answer :
                 probe_answers(questions, asks, remote, options, progress_out)) {
              on_answer(std::move(answer));
            }
          },
          0};
}

}  // namespace lmc::remote
