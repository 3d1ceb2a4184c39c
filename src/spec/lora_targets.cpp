#include "spec/lora_targets.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"         // InputError
#include "spec/python_regex.h"  // PythonRegex
#include "spec/tensor_table.h"  // linear_table, tensor_table, canonical_module_path

namespace lmc::spec {

namespace {

// peft tries a list entry as a whole name or as an ending after a dot.
bool matches_entry(const std::string& path, const std::string& entry) {
  return path == entry || path.ends_with("." + entry);
}

// Which modules a target of the configuration selects: an entry of a list, or the expression.
class Target {
 public:
  Target(const LoraConfig& config, const std::string& text)
      : text_(text), is_regex_(config.target_is_regex) {
    if (is_regex_) pattern_ = PythonRegex::compile(text);
  }
  // False: an expression that Python may read otherwise.
  bool is_known() const { return !is_regex_ || pattern_.has_value(); }
  bool selects(const std::string& path) const {
    return is_regex_ ? pattern_->matches_whole(path) : matches_entry(path, text_);
  }

 private:
  const std::string& text_;
  bool is_regex_;
  std::optional<PythonRegex> pattern_;
};

bool is_all_linear(const LoraConfig& config) {
  return config.target_modules == std::vector<std::string>{"all-linear"};
}

// Modules with tensors of their own and those around them. The head is there, tied or not.
std::set<std::string> all_modules(const ModelConfig& model) {
  std::set<std::string> modules{"lm_head"};
  for (const TensorSpec& tensor : tensor_table(model)) {
    for (size_t dot = tensor.name.rfind('.'); dot != std::string::npos && dot > 0;
         dot = tensor.name.rfind('.', dot - 1)) {
      modules.insert(tensor.name.substr(0, dot));
    }
  }
  return modules;
}

std::string shortest_ending(const std::string& path, const std::set<std::string>& others) {
  for (size_t dot = path.rfind('.'); dot != std::string::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const std::string ending = path.substr(dot + 1);
    const bool fits_another =
        std::any_of(others.begin(), others.end(),
                    [&](const std::string& other) { return matches_entry(other, ending); });
    if (!fits_another) return ending;
  }
  return path;
}

// With `older_paths`, an entry of a list may be a path that a module had in earlier versions.
std::optional<std::set<std::string>> select(const LoraConfig& config, const ModelConfig& model,
                                            bool older_paths) {
  if (config.targets_are_narrowed) return std::nullopt;
  std::set<std::string> selected;
  if (is_all_linear(config)) {
    for (const LinearSpec& linear : linear_table(model)) selected.insert(linear.path);
    return selected;
  }
  const std::set<std::string> modules = all_modules(model);
  for (const std::string& text : config.target_modules) {
    const Target target(config, text);
    if (!target.is_known()) return std::nullopt;
    for (const std::string& module : modules) {
      if (target.selects(module)) selected.insert(module);
    }
    if (!older_paths || config.target_is_regex) continue;
    const std::string whole = canonical_module_path(text);
    if (modules.contains(whole)) selected.insert(whole);
  }
  return selected;
}

}  // namespace

std::vector<std::string> lora_targets(const LoraConfig& config, const ModelConfig& model) {
  const std::vector<LinearSpec> linears = linear_table(model);
  std::vector<std::string> chosen;
  if (is_all_linear(config)) {
    for (const LinearSpec& linear : linears) chosen.push_back(linear.path);
    return chosen;
  }
  for (const std::string& text : config.target_modules) {
    const Target target(config, text);
    if (!target.is_known()) {
      throw InputError("target_modules",
                       cat("\"", text, "\" is no regular expression that peft reads alike"));
    }
    size_t found = 0;
    for (const LinearSpec& linear : linears) {
      if (!target.selects(linear.path)) continue;
      ++found;
      if (std::find(chosen.begin(), chosen.end(), linear.path) == chosen.end()) {
        chosen.push_back(linear.path);
      }
    }
    if (found == 0) {
      throw InputError("target_modules", cat("\"", text, "\" names no linear layer of the model"),
                       "names are like q_proj, gate_proj, attn.qkv, linear_fc1");
    }
  }
  if (chosen.empty()) throw InputError("target_modules", "is empty");
  return chosen;
}

std::optional<std::set<std::string>> selected_modules(const LoraConfig& config,
                                                      const ModelConfig& model) {
  return select(config, model, true);
}

LoraConfig with_exact_targets(LoraConfig config, const std::vector<std::string>& adapted,
                              const ModelConfig& model) {
  const std::set<std::string> wanted(adapted.begin(), adapted.end());
  if (select(config, model, false) == wanted) return config;
  std::set<std::string> others = all_modules(model);
  for (const std::string& path : wanted) others.erase(path);
  std::set<std::string> endings;
  for (const std::string& path : wanted) endings.insert(shortest_ending(path, others));
  config.target_modules.assign(endings.begin(), endings.end());
  config.target_is_regex = false;
  config.targets_are_narrowed = false;
  return config;
}

}  // namespace lmc::spec
