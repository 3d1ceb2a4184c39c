#include "eval/question_prompt.h"

#include <memory>
#include <utility>
#include <vector>

#include "reading/answer_letter.h"  // answer_letter

namespace lmc::eval {

prompt::ModelInput question_input(const record::Question& question, const image::Image* image,
                                  const std::string& caption, const prompt::Processor& processor,
                                  prompt::ReplyStyle style) {
  std::vector<std::shared_ptr<const image::PatchGrid>> images;
  if (image != nullptr) images.push_back(processor.patches(*image, question.image));
  const std::vector<prompt::Message> messages = prompt::question_messages(
      {question.question, question.options, caption}, style, image != nullptr);
  return processor.for_reply(messages, std::move(images));
}

record::AnswerSample read_reply(const infer::Reply& reply, const record::Question& shown,
                                const prompt::Processor& processor) {
  record::AnswerSample sample;
  sample.reply = processor.whole_reply(reply.text);
  sample.finish = infer::finish_name(reply.finish);
  sample.reply_tokens = static_cast<int64_t>(reply.ids.size());
  const auto letter = reading::answer_letter(sample.reply, shown.options);
  if (letter) sample.letter = *letter;
  return sample;
}

}  // namespace lmc::eval
