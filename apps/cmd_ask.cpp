// `litemedcot ask`: images and a question in, the reply streamed to the terminal.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "apps/command.h"
#include "apps/engine_loader.h"     // EngineOptions, load_engine
#include "apps/shown_image.h"       // read_shown_image
#include "apps/terminal_image.h"    // terminal_image
#include "base/files.h"             // read_file
#include "base/interrupt.h"         // interrupt_requested
#include "base/json.h"              // to_text
#include "image/preprocess.h"       // resize_bicubic
#include "infer/generate.h"         // generate
#include "prompt/processor.h"       // Processor
#include "prompt/question.h"        // question_messages
#include "reading/answer_letter.h"  // answer_letter
#include "serve/case_answering.h"   // CaseAnswering

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
  TerminalImage show_image = TerminalImage::kAuto;
  bool json = false;
  serve::CaseOptions weighing;

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
          &view.frame, at_least(0)},
         {"show-image", "draw the image in a terminal that can; auto: in kitty and its like",
          &show_image},
         {"json",
          "print one line of JSON: the reply, and the answer with its probabilities, as the page of "
          "serve has it (docs/SERVER.md)",
          &json}});
    append_fields(all, "Probabilities, with --json", weighing.weighing_fields());
    append_fields(all, "Sampling of the reply", sampling.fields());
    return all;
  }
};

std::map<char, std::string> lettered(const std::vector<std::string>& choices) {
  std::map<char, std::string> options;
  for (const std::string& choice : choices) {
    options[static_cast<char>('A' + options.size())] = choice;
  }
  return options;
}

std::vector<prompt::Message> messages_of(const AskOptions& options) {
  if (!options.choices.empty()) {
    return prompt::question_messages({options.question, lettered(options.choices), ""},
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

// As large as a terminal shows at most of it; a scan of thousands of pixels would flood it.
void show(const image::Image& image, TerminalImage wish) {
  constexpr int64_t kLongestSidePx = 512;
  const int64_t side = std::max(image.height_px, image.width_px);
  const bool fits = side <= kLongestSidePx;
  const auto scaled = [&](int64_t length) {
    return std::max<int64_t>(1, length * kLongestSidePx / side);
  };
  const auto text = terminal_image(
      fits ? image
           : image::resize_bicubic(image, {scaled(image.height_px), scaled(image.width_px)}),
      wish, isatty(STDOUT_FILENO) == 1);
  if (text) std::cout << *text << std::flush;
}

// For scripts: what POST /v1/ask would say.
void print_json(const AskOptions& options, infer::Engine& engine,
                const prompt::Processor& processor) {
  const serve::ChatBackend backend = serve::engine_backend("", engine, processor, options.weighing);
  serve::RequestQueue queue(engine, processor.tokenizer(), processor.end_ids(), {});
  serve::CaseRequest request;
  request.image = read_file(options.images.front());
  request.view = options.view;
  request.question = options.question;
  request.options = lettered(options.choices);
  serve::CaseAnswering answering(backend, queue, options.sampling, request, {});
  std::string text;
  while (const auto piece = answering.next()) text += *piece;
  std::cout << to_text({{"reply", text}, {"answer", serve::to_json(answering.answer())}}) << "\n";
}

void check_json(const AskOptions& options) {
  if (options.json && options.images.size() != 1) {
    throw InputError("--json", "needs one image");
  }
  if (options.json && options.answer_only) {
    throw InputError("--json", "is of replies that reason", "leave out --answer-only");
  }
}

void ask(AskOptions& options) {
  check_json(options);
  if (!options.choices.empty() && (options.choices.size() > 26 || options.images.size() > 1)) {
    throw InputError("--choices", "needs at most 26 choices and one image");
  }
  const prompt::Processor processor =
      prompt::Processor(options.engine.model).with_max_area_px(options.max_image_area);
  std::vector<std::shared_ptr<const image::PatchGrid>> images;
  for (const std::string& path : options.images) {
    const image::Image image = read_shown_image(path, options.view);
    if (!options.json) show(image, options.show_image);
    images.push_back(processor.patches(image, path));
  }
  const std::vector<prompt::Message> messages = messages_of(options);
  const auto engine = load_engine(options.engine);
  if (options.json) return print_json(options, *engine, processor);
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
  const std::map<char, std::string> choices = lettered(options.choices);
  const auto letter = reading::answer_letter(replies[0].text, choices);
  std::cerr << (letter ? cat("answer read: ", *letter, " (", choices.at(*letter), ")")
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
