#include "apps/command.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

#include "apps/help.h"              // help_text, overview_text
#include "base/check.h"             // InputError, Interrupted
#include "base/interrupt.h"         // watch_for_interrupt
#include "base/passing_error.h"     // PassingError
#include "base/standard_streams.h"  // finish_standard_output

namespace lmc::apps {

namespace {

constexpr int kExitBadInput = 2;
constexpr int kExitInternal = 70;
constexpr int kExitInterrupted = 130;

// CLI11 finds out which word belongs to which flag; base/fields.h reads and checks the values.
void add_field(CLI::App& app, const Field& field, bool is_positional, const std::string& where) {
  std::string flag = (is_positional ? "" : "--") + field.name;
  for (const std::string& alias : field.aliases) flag += ",--" + alias;
  if (bool* const* is_on = std::get_if<bool*>(&field.value)) {
    flag += ",!--no-" + field.name;
    for (const std::string& alias : field.aliases) flag += ",!--no-" + alias;
    app.add_flag(flag, **is_on);
    return;
  }
  const auto take = [field, where](const std::vector<std::string>& words) {
    field_from_words(field, words, where);
  };
  if (std::holds_alternative<std::vector<std::string>*>(field.value)) {
    app.add_option_function<std::vector<std::string>>(flag, take);
  } else {
    app.add_option_function<std::string>(flag, [take](const std::string& word) { take({word}); });
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

std::vector<std::string> known_flags(const Command& command) {
  std::vector<std::string> known = {"--config", "--help"};
  for (const Field& field : command.fields) {
    known.push_back("--" + field.name);
    if (std::holds_alternative<bool*>(field.value)) known.push_back("--no-" + field.name);
  }
  return known;
}

// The words that belong to no option.
// Errors: InputError naming the first, with the flag that was probably meant.
void check_nothing_is_left(const Command& command, const std::vector<std::string>& left,
                           const std::string& where) {
  if (left.empty()) return;
  for (const std::string& one : left) {
    if (one.size() < 2 || one[0] != '-') continue;
    const std::string flag = one.substr(0, one.find('='));
    const std::string near = nearest_word(flag, known_flags(command));
    throw InputError(where, "unknown option " + flag,
                     near.empty() ? "see --help" : cat("did you mean ", near, "?"));
  }
  throw InputError(where, cat("no option takes \"", left.front(), "\""), "see --help");
}

// What CLI11 says in the words of base/fields.h: "--limit: 1 required TEXT missing" and "Could not
// convert: --audit = maybe", which is left to it for switches alone.
std::string problem_of(const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool is_twice = text.find("received") != text.npos && !text.ends_with("received 0");
    return text.substr(0, text.find(':')) +
           (is_twice ? " is given more than once" : " has no value");
  }
  const size_t flag = text.find("--");
  const size_t equals = text.find(" = ");
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr && flag < equals &&
      equals != text.npos) {
    return cat(text.substr(flag, equals - flag), ": expected on or off, found \"",
               text.substr(equals + 3), "\"");
  }
  return text;
}

int tell(const std::exception& error) {
  std::cerr << "error: " << error.what() << "\n";
  return kExitBadInput;
}

int say(const std::string& text) {
  try {
    std::cout << text;
    finish_standard_output();
    return 0;
  } catch (const InputError& error) {
    return tell(error);
  }
}

int run_command(Command& command, const std::string& where) {
  try {
    check_fields(command.fields, where);
    watch_for_interrupt();
    command.run();
    finish_standard_output();
    return 0;
  } catch (const InputError& error) {
    return tell(error);
  } catch (const PassingError& error) {
    return tell(error);
  } catch (const std::filesystem::filesystem_error& error) {
    return tell(InputError(error.path1().string(), error.code().message()));
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
  CLI::App app("", "litemedcot");
  app.set_version_flag("--version", LMC_VERSION);
  app.require_subcommand(1);
  std::string config_path;
  std::vector<CLI::App*> subcommands;
  for (Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name);
    sub->allow_extras();
    for (const Field& field : command.fields) {
      add_field(*sub, field, field.name == command.positional, "litemedcot " + command.name);
    }
    sub->add_option("--config", config_path);
    subcommands.push_back(sub);
  }
  size_t named = commands.size();
  for (size_t i = 0; i < commands.size(); ++i) {
    if (argc > 1 && commands[i].name == argv[1]) named = i;
  }
  const bool is_named = named < commands.size();
  const std::string where = is_named ? "litemedcot " + commands[named].name : "litemedcot";
  try {
    if (is_named) apply_config(commands[named].fields, argc, argv);
    app.parse(argc, argv);
    if (is_named) check_nothing_is_left(commands[named], subcommands[named]->remaining(), where);
  } catch (const InputError& error) {
    return tell(error);
  } catch (const PassingError& error) {  // of the --config file
    return tell(error);
  } catch (const CLI::CallForVersion&) {
    return say(cat(LMC_VERSION, "\n"));
  } catch (const CLI::CallForHelp&) {
    const int width = help_width();
    return say(is_named ? help_text(commands[named], width) : overview_text(commands, width));
  } catch (const CLI::ParseError& error) {
    if (argc < 2) {
      std::cerr << overview_text(commands, help_width());
      return kExitBadInput;
    }
    std::string problem = problem_of(error);
    std::string hint = "see " + where + " --help";
    if (!is_named) {
      std::vector<std::string> names;
      for (const Command& command : commands) names.push_back(command.name);
      const std::string near = nearest_word(argv[1], names);
      if (!near.empty()) hint = cat("did you mean ", near, "?");
      if (argv[1][0] != '-') problem = cat("no command is called \"", argv[1], "\"");
    }
    return tell(InputError(where, problem, hint));
  }
  return is_named ? run_command(commands[named], where) : kExitBadInput;
}

}  // namespace lmc::apps
