// `litemedcot inspect`: what the model sees and computes, for comparison with other
// implementations.
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>

#include "apps/command.h"
#include "apps/inspect_model.h"
#include "apps/shown_image.h"  // read_shown_image
#include "base/device_file.h"  // DeviceFile
#include "prompt/processor.h"  // Processor
#include "record/output.h"     // claim_file_output

namespace lmc::apps {

namespace {

struct InspectOptions {
  EngineOptions engine;
  std::vector<std::string> images;
  std::string text;
  std::string messages;
  std::string file;
  bool template_on = true;
  bool generation_prompt = true;
  std::string dump = "tokens,text";
  bool verify = false;
  std::string out = "-";

  std::vector<Field> fields() {
    std::vector<Field> all;
    append_fields(all, "Model", engine.folder_fields());
    const std::vector<Field> own = {
        {"image", "image file; repeat for several, in order", as_file(&images)},
        {"text", "user text; the images come before it", &text},
        {"messages", "JSON file: a list of {\"role\", \"content\"}, content a string or parts",
         as_file(&messages)},
        {"file", "file that holds the text", as_file(&file)},
        {"template", "apply the chat template; without it, text is tokenised as it stands",
         &template_on},
        {"generation-prompt", "end the rendered text where the reply begins", &generation_prompt},
        {"dump",
         "any of tokens, text, positions, pixels, stages, logits, loss, gradients, joined by "
         "commas",
         &dump},
        {"out", "F.safetensors, F.json, or - for JSON on standard output", as_file(&out)},
        {"verify", "only compare every part of a device file with its checksum", &verify}};
    append_fields(all, "Input and output", own);
    return all;
  }
};

const std::set<std::string> kComputed = {"stages", "logits", "loss", "gradients"};

std::set<std::string> parse_dump(const std::string& dump) {
  const std::vector<std::string> known = {"tokens", "text",   "positions", "pixels",
                                          "stages", "logits", "loss",      "gradients"};
  std::set<std::string> wanted;
  std::istringstream words(dump);
  for (std::string word; std::getline(words, word, ',');) {
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      const std::string near = nearest_word(word, known);
      throw InputError("--dump", cat("unknown part \"", word, "\""),
                       near.empty() ? "see --help" : cat("did you mean ", near, "?"));
    }
    wanted.insert(word);
  }
  return wanted;
}

std::vector<prompt::Message> read_messages(const std::string& path) {
  const Json list = read_json(path);
  if (!list.is_array() || list.empty()) {
    throw InputError(path,
                     "expected a list of messages, found " + std::string(json_type_name(list)));
  }
  std::vector<prompt::Message> messages;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = cat(path, ": message ", i);
    prompt::Message message{json_get<std::string>(list[i], "role", where), {}};
    if (!list[i].contains("content")) throw InputError(where, "key \"content\" is missing");
    const Json& content = list[i]["content"];
    if (content.is_string()) {
      message.parts.push_back(prompt::Part::of_text(content.get<std::string>()));
    } else {
      if (!content.is_array()) fail_json_type(where, "content", "string or list", content);
      for (const Json& part : content) {
        const bool is_image = part.contains("image") || part.contains("image_url") ||
                              json_get_or<std::string>(part, "type", where, "") == "image";
        message.parts.push_back(
            is_image ? prompt::Part::of_image()
                     : prompt::Part::of_text(json_get<std::string>(part, "text", where)));
      }
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

void check_image_count(const std::vector<prompt::Message>& messages, size_t given) {
  size_t wanted = 0;
  for (const prompt::Message& message : messages) {
    for (const prompt::Part& part : message.parts) {
      wanted += part.kind == prompt::Part::Kind::kImage ? 1 : 0;
    }
  }
  if (wanted == given) return;
  throw InputError("--image",
                   cat("the conversation has ", wanted, " images, but ", given, " are given"));
}

struct Rendered {
  std::string text;
  prompt::ModelInput input;
};

Rendered render(const InspectOptions& options, const prompt::Processor& processor,
                std::vector<std::shared_ptr<const image::PatchGrid>> images) {
  const int given = !options.text.empty() + !options.messages.empty() + !options.file.empty();
  if (given != 1) {
    throw InputError("litemedcot inspect", "expected one of --text, --messages, --file");
  }
  if (!options.messages.empty() && !options.template_on) {
    throw InputError("--messages", "needs the chat template", "drop --no-template");
  }
  const std::string text = options.file.empty() ? options.text : read_file(options.file);
  if (!options.template_on) return {text, processor.for_raw_text(text, std::move(images))};

  std::vector<prompt::Message> messages;
  if (options.messages.empty()) {
    prompt::Message message{"user", {}};
    for (size_t i = 0; i < images.size(); ++i) {
      message.parts.push_back(prompt::Part::of_image());
    }
    message.parts.push_back(prompt::Part::of_text(text));
    messages.push_back(std::move(message));
  } else {
    messages = read_messages(options.messages);
  }
  check_image_count(messages, images.size());
  if (messages.back().role == "assistant") {
    Rendered rendered{prompt::render_chat(messages, processor.style(), false), {}};
    std::string reply;
    for (const prompt::Part& part : messages.back().parts) reply += part.text;
    messages.pop_back();
    rendered.input = processor.for_training(messages, reply, std::move(images));
    return rendered;
  }
  Rendered rendered{prompt::render_chat(messages, processor.style(), options.generation_prompt),
                    {}};
  rendered.input = options.generation_prompt
                       ? processor.for_reply(messages, std::move(images))
                       : processor.for_raw_text(rendered.text, std::move(images));
  return rendered;
}

template <class T>
NamedTensor tensor_of(const std::string& name, tensorio::Dtype dtype, std::vector<int64_t> shape,
                      const std::vector<T>& values) {
  NamedTensor tensor{{name, dtype, std::move(shape)}, {}};
  tensor.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

std::vector<NamedTensor> input_tensors(const prompt::ModelInput& input,
                                       const std::set<std::string>& wanted) {
  std::vector<NamedTensor> tensors;
  const auto length = static_cast<int64_t>(input.ids.size());
  if (wanted.contains("tokens")) {
    const std::vector<int64_t> ids(input.ids.begin(), input.ids.end());
    tensors.push_back(tensor_of("input_ids", tensorio::Dtype::kI64, {1, length}, ids));
  }
  if (wanted.contains("positions")) {
    std::vector<int64_t> positions;
    for (const auto& axis : input.positions) {
      positions.insert(positions.end(), axis.begin(), axis.end());
    }
    tensors.push_back(tensor_of("position_ids", tensorio::Dtype::kI64, {3, 1, length}, positions));
  }
  if (wanted.contains("pixels")) {
    std::vector<float> pixels;
    std::vector<int64_t> grids;
    int64_t width = 0;
    for (const auto& image : input.images) {
      pixels.insert(pixels.end(), image->pixel_values_PF.begin(), image->pixel_values_PF.end());
      grids.insert(grids.end(), {1, image->grid_h, image->grid_w});
      width = image->values_per_patch;
    }
    const int64_t patches = width == 0 ? 0 : static_cast<int64_t>(pixels.size()) / width;
    tensors.push_back(tensor_of("pixel_values", tensorio::Dtype::kF32, {patches, width}, pixels));
    tensors.push_back(tensor_of("image_grid_thw", tensorio::Dtype::kI64,
                                {static_cast<int64_t>(grids.size()) / 3, 3}, grids));
  }
  return tensors;
}

void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                       const std::string& text) {
  std::vector<tensorio::TensorInfo> infos;
  for (const NamedTensor& tensor : tensors) infos.push_back(tensor.info);
  tensorio::SafetensorsWriter writer(path, infos, {{"format", "pt"}, {"text", text}});
  for (const NamedTensor& tensor : tensors) writer.write(tensor.bytes);
  writer.finish();
}

Json to_json(const Rendered& rendered, const std::set<std::string>& wanted) {
  Json json;
  if (wanted.contains("text")) json["text"] = rendered.text;
  if (wanted.contains("tokens")) json["input_ids"] = rendered.input.ids;
  if (wanted.contains("positions")) {
    json["position_ids"] = rendered.input.positions;
    json["next_position"] = rendered.input.next_position;
  }
  if (!rendered.input.is_target.empty()) json["is_target"] = rendered.input.is_target;
  return json;
}

void verify_device_file(const std::string& path) {
  const DeviceFile file(path);
  file.verify();
  std::cout << path << ": " << file.tensors().size() << " tensors and " << file.file_names().size()
            << " files have their checksums\n";
}

// Whether the file is one that `inspect` wrote, which may be written again.
bool is_inspection(const std::string& path) {
  if (path.ends_with(".safetensors")) {
    try {
      const auto metadata = tensorio::SafetensorsFile(path).metadata();
      return metadata.contains("text") && metadata.contains("format");
    } catch (const InputError&) {
      return false;
    }
  }
  return record::is_json_with(path, "input_ids") || record::is_json_with(path, "text") ||
         record::is_json_with(path, "position_ids");
}

void claim_output(const InspectOptions& options) {
  if (options.out == "-") return;
  std::vector<std::string> inputs = options.images;
  inputs.insert(inputs.end(),
                {options.engine.model, options.engine.adapter, options.messages, options.file});
  record::claim_file_output(options.out, inputs, "an inspection", is_inspection);
}

void inspect(const InspectOptions& options) {
  if (options.verify) return verify_device_file(options.engine.model);
  const std::set<std::string> wanted = parse_dump(options.dump);
  const bool to_tensors = options.out.ends_with(".safetensors");
  const bool computes = std::any_of(kComputed.begin(), kComputed.end(),
                                    [&](const std::string& part) { return wanted.contains(part); });
  if (!to_tensors && (computes || wanted.contains("pixels"))) {
    throw InputError(
        "--out",
        cat("pixels, stages, logits, loss and gradients are tensors; found \"", options.out, "\""),
        "--out F.safetensors");
  }
  claim_output(options);
  const prompt::Processor processor(options.engine.model);
  std::vector<std::shared_ptr<const image::PatchGrid>> images;
  for (const std::string& path : options.images) {
    images.push_back(processor.patches(read_shown_image(path), path));
  }
  const Rendered rendered = render(options, processor, std::move(images));
  if (!to_tensors) {
    const std::string text = to_pretty_text(to_json(rendered, wanted));
    if (options.out == "-") {
      std::cout << text;
    } else {
      write_file(options.out, text);
    }
    return;
  }
  std::vector<NamedTensor> tensors = input_tensors(rendered.input, wanted);
  if (computes) {
    for (NamedTensor& tensor : inspect_model(options.engine, rendered.input, wanted)) {
      tensors.push_back(std::move(tensor));
    }
  }
  write_safetensors(options.out, tensors, rendered.text);
}

}  // namespace

Command inspect_command() {
  const auto options = std::make_shared<InspectOptions>();
  return {"inspect",
          "show what a model computes: tokens, pixels, logits, gradients",
          "  litemedcot inspect --model DIR --text \"What is shown?\" --image scan.png\n"
          "  litemedcot inspect --model DIR --messages chat.json --dump stages,logits \\\n"
          "      --out stages.safetensors --dtype float32\n",
          options->fields(),
          "",
          [options] { inspect(*options); }};
}

}  // namespace lmc::apps
