#include "apps/command.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "base/check.h"      // InputError, Interrupted
#include "base/interrupt.h"  // watch_for_interrupt

namespace lmc::apps {

namespace {

constexpr int kExitBadInput = 2;
constexpr int kExitInternal = 70;
constexpr int kExitInterrupted = 130;

void add_field(CLI::App& app, const Field& field, bool is_positional) {
  const std::string flag = (is_positional ? "" : "--") + field.name;
  CLI::Option* option = std::visit(
      [&](auto* target) -> CLI::Option* {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<T, bool>) {
          const std::string off = ",!--no-" + field.name;
          return app.add_flag(flag + off, *target, field.help)->default_str(*target ? "on" : "off");
        } else {
          CLI::Option* added = app.add_option(flag, *target, field.help);
          if constexpr (std::is_same_v<T, std::string>) {
            if (!target->empty()) added->capture_default_str();
          } else if constexpr (!std::is_same_v<T, std::vector<std::string>>) {
            added->capture_default_str();
          }
          return added;
        }
      },
      field.value);
  if (!field.heading.empty()) option->group(field.heading);
  if (!field.choices.empty()) {
    std::string all;
    for (const std::string& choice : field.choices) all += (all.empty() ? "" : "|") + choice;
    option->option_text(all);
  }
}

// --config is read before the flags are parsed, so that a flag overrides the file.
void apply_config(const std::vector<Field>& fields, int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    std::string path;
    if (word == "--config" && i + 1 < argc) path = argv[i + 1];
    if (word.rfind("--config=", 0) == 0) path = word.substr(9);
    if (!path.empty()) fields_from_json(fields, read_json(path), path);
  }
}

// CLI11 names the words it did not understand; we add the flag that was probably meant.
std::string hint_for_unknown_flag(const std::vector<Field>& fields, int argc, char** argv) {
  std::vector<std::string> known = {"--config", "--help"};
  for (const Field& field : fields) known.push_back("--" + field.name);
  for (int i = 2; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (word.rfind("--", 0) != 0) continue;
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string near = nearest_word(word, known);
    if (!near.empty() && near != word) return cat("did you mean ", near, "?");
  }
  return cat("see --help");
}

int run_command(Command& command, const std::string& where) {
  try {
    check_fields(command.fields, where);
    watch_for_interrupt();
    command.run();
    return 0;
  } catch (const InputError& error) {
    std::cerr << "error: " << error.what() << "\n";
    return kExitBadInput;
  } catch (const Interrupted& stop) {
    std::cerr << "stopped: " << stop.what() << "\n";
    return kExitInterrupted;
  } catch (const std::bad_alloc&) {
    std::cerr << "error: out of memory (hint: a smaller batch or --max-image-area)\n";
    return kExitInternal;
  } catch (const std::exception& error) {
    std::cerr << "internal error, please report it: " << error.what() << "\n";
    return kExitInternal;
  }
}

}  // namespace

int run_program(std::vector<Command> commands, int argc, char** argv) {
  CLI::App app(
      "litemedcot: a large teacher's medical reasoning, handed down to a small student.\n"
      "Stages: prepare -> teach -> train -> evaluate -> ground -> report, then ask, serve. See "
      "them all: "
      "demo.",
      "litemedcot");
  app.set_version_flag("--version", LMC_VERSION);
  app.require_subcommand(1);
  std::string config_path;
  std::vector<CLI::App*> subcommands;
  for (Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->footer("Examples:\n" + command.examples);
    for (const Field& field : command.fields) {
      add_field(*sub, field, field.name == command.positional);
    }
    sub->add_option("--config", config_path, "JSON file with the same names; flags override it");
    subcommands.push_back(sub);
  }
  Command* named = nullptr;
  for (Command& command : commands) {
    if (argc > 1 && command.name == argv[1]) named = &command;
  }
  try {
    if (named != nullptr) apply_config(named->fields, argc, argv);
    app.parse(argc, argv);
  } catch (const InputError& error) {
    std::cerr << "error: " << error.what() << "\n";
    return kExitBadInput;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    if (argc < 2) {
      std::cerr << app.help();
      return kExitBadInput;
    }
    std::string hint = "see litemedcot --help";
    if (named != nullptr) {
      hint = hint_for_unknown_flag(named->fields, argc, argv);
    } else {
      std::vector<std::string> names;
      for (const Command& command : commands) names.push_back(command.name);
      const std::string near = nearest_word(argv[1], names);
      if (!near.empty()) hint = cat("did you mean ", near, "?");
    }
    const std::string where = named ? "litemedcot " + named->name : "litemedcot";
    std::cerr << "error: " << InputError(where, error.what(), hint).what() << "\n";
    return kExitBadInput;
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (subcommands[i]->parsed()) {
      return run_command(commands[i], "litemedcot " + commands[i].name);
    }
  }
  return kExitBadInput;
}

}  // namespace lmc::apps
