// `litemedcot ask`: images and a question in, the reply streamed to the terminal.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "apps/engine_loader.h"     // EngineOptions, load_engine
#include "apps/shown_image.h"       // read_shown_image
#include "base/interrupt.h"         // interrupt_requested
#include "infer/generate.h"         // generate
#include "prompt/processor.h"       // Processor
#include "prompt/question.h"        // question_messages
#include "reading/answer_letter.h"  // answer_letter

namespace lmc::apps {

namespace {

struct AskOptions {
  EngineOptions engine;
  infer::SamplingOptions sampling;
  std::vector<std::string> images;
  std::string question;
  std::vector<std::string> choices;
  bool answer_only = false;
  int64_t max_image_area = 0;
  image::DicomView view;

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.fields());
    append_fields(
        all, "Question",
        {{"image", "image file; repeat for several", as_file(&images)},
         {"question", "what to ask", &question, true},
         {"choices", "answers to choose from, lettered A, B, ... in this order", &choices},
         {"answer-only", "with choices: ask for the letter without reasoning", &answer_only},
         {"max-image-area", "image budget in pixels; 0: the model's own", &max_image_area,
          at_least(0)},
         {"window", "of DICOM: CENTRE,WIDTH, a preset's name, or full; else the file's own",
          &view.window},
         {"frame", "of DICOM: the frame, from 1; 0: the file's own choice, else the first",
          &view.frame, at_least(0)}});
    append_fields(all, "Sampling of the reply", sampling.fields());
    return all;
  }
};

std::vector<prompt::Message> messages_of(const AskOptions& options) {
  if (!options.choices.empty()) {
    prompt::QuestionText question{options.question, {}, ""};
    for (size_t i = 0; i < options.choices.size(); ++i) {
      question.options[static_cast<char>('A' + i)] = options.choices[i];
    }
    return prompt::question_messages(question,
                                     options.answer_only ? prompt::ReplyStyle::kAnswerOnly
                                                         : prompt::ReplyStyle::kReasoningThenAnswer,
                                     !options.images.empty());
  }
  prompt::Message message{"user", {}};
  for (size_t i = 0; i < options.images.size(); ++i) {
    message.parts.push_back(prompt::Part::of_image());
  }
  message.parts.push_back(prompt::Part::of_text(options.question));
  return {message};
}

void ask(AskOptions& options) {
  if (!options.choices.empty() && (options.choices.size() > 26 || options.images.size() > 1)) {
    throw InputError("--choices", "needs at most 26 choices and one image");
  }
  const prompt::Processor processor =
      prompt::Processor(options.engine.model).with_max_area_px(options.max_image_area);
  std::vector<std::shared_ptr<const image::PatchGrid>> images;
  for (const std::string& path : options.images) {
    images.push_back(processor.patches(read_shown_image(path, options.view), path));
  }
  const std::vector<prompt::Message> messages = messages_of(options);
  const auto engine = load_engine(options.engine);
  const std::vector<prompt::ModelInput> inputs = {processor.for_reply(messages, images)};
  const std::vector<uint64_t> streams = {0};
  const auto replies =
      infer::generate(*engine, processor.tokenizer(), inputs, processor.end_ids(), options.sampling,
                      streams, [](int64_t, std::string_view piece) {
                        std::cout << piece << std::flush;
                        return !interrupt_requested();
                      });
  std::cout << "\n";
  if (replies[0].finish == infer::FinishReason::kLength) {
    std::cerr << "(cut after " << options.sampling.max_new_tokens
              << " tokens; --max-new-tokens allows more)\n";
  }
  if (options.choices.empty()) return;
  std::map<char, std::string> lettered;
  for (size_t i = 0; i < options.choices.size(); ++i) {
    lettered[static_cast<char>('A' + i)] = options.choices[i];
  }
  const auto letter = reading::answer_letter(replies[0].text, lettered);
  std::cerr << (letter ? cat("answer read: ", *letter, " (", lettered[*letter], ")")
                       : std::string("no answer could be read from the reply"))
            << "\n";
}

}  // namespace

Command ask_command() {
  const auto options = std::make_shared<AskOptions>();
  return {"ask",
          "ask a model about an image; the reply is streamed",
          "  litemedcot ask --model Qwen3-VL-2B-Instruct --image chest.jpg \\\n"
          "      --question \"Is there a pleural effusion?\"\n"
          "  litemedcot ask --model DIR --adapter ADAPTER --image ct.png \\\n"
          "      --question \"Which organ is enlarged?\" --choices Liver Spleen Kidney Heart\n"
          "  litemedcot ask --model DIR --image slice.dcm --window lung \\\n"
          "      --question \"Is there a nodule?\"\n",
          options->fields(),
          "",
          [options] { ask(*options); }};
}

}  // namespace lmc::apps
