#include "apps/help.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/check.h"  // cat

namespace lmc::apps {

namespace {

constexpr size_t kMaxLeft = 30;  // columns of an option's name; a longer one has a line of its own
constexpr char kHardSpace = '\x1f';  // printed as a blank at which no line is broken

// A left column and the text beside it.
struct Row {
  std::string left;
  std::string text;
};

struct Group {
  std::string heading;
  std::vector<Row> rows;
};

// `text` in lines of at most `width`, each after the first begun with `indent` blanks.
std::string wrapped(const std::string& text, size_t indent, size_t width) {
  std::istringstream words(text);
  std::string lines;
  size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > width) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      lines += " ";
      ++column;
    }
    lines += word;
    column += word.size();
  }
  std::replace(lines.begin(), lines.end(), kHardSpace, ' ');
  return lines;
}

std::string table(const std::vector<Row>& rows, size_t left_width, size_t width) {
  std::string text;
  for (const Row& row : rows) {
    text += "  " + row.left;
    const size_t used = row.left.size() + 2;
    text += used + 2 <= left_width ? std::string(left_width - used, ' ')
                                   : "\n" + std::string(left_width, ' ');
    text += wrapped(row.text, left_width, width) + "\n";
  }
  return text;
}

size_t left_width_of(const std::vector<Group>& groups) {
  size_t longest = 0;
  for (const Group& group : groups) {
    for (const Row& row : group.rows) {
      if (row.left.size() <= kMaxLeft) longest = std::max(longest, row.left.size());
    }
  }
  return longest + 4;
}

std::string name_column(const Field& field, bool is_positional) {
  if (std::holds_alternative<bool*>(field.value)) {
    return (field.name.starts_with("no-") ? "--" : "--[no-]") + field.name;
  }
  const bool is_list = std::holds_alternative<std::vector<std::string>*>(field.value);
  return cat(is_positional ? "" : "--", field.name, is_positional ? "" : " " + field.word,
             is_list ? "..." : "");
}

// What it is, then in brackets what it may be and what it is when it is not given.
std::string description(const Field& field) {
  std::string values;
  for (const std::string& choice : field.choices) values += (values.empty() ? "" : " | ") + choice;
  if (values.empty()) {
    values = field.range.text();
    std::replace(values.begin(), values.end(), ' ', kHardSpace);
  }
  const std::string initial = value_text(field.initial);
  const std::string purpose = field.required_to.empty() ? "" : " to " + field.required_to;
  if (field.required || !purpose.empty()) {
    values += cat(values.empty() ? "" : "; ", "required", purpose);
  }
  if (!initial.empty()) values += cat(values.empty() ? "" : "; ", "default:", kHardSpace, initial);
  return values.empty() ? field.help : cat(field.help, " (", values, ")");
}

// In the order in which each heading is first met; options without one come first.
std::vector<Group> groups_of(const Command& command) {
  std::vector<Group> groups = {{"", {}}};
  for (const Field& field : command.fields) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& one) { return one.heading == field.heading; });
    if (group == groups.end()) {
      groups.push_back({field.heading, {}});
      group = std::prev(groups.end());
    }
    group->rows.push_back(
        {name_column(field, field.name == command.positional), description(field)});
  }
  const bool has_headings = groups.size() > 1;
  if (has_headings) groups.push_back({"Help and configuration", {}});
  std::vector<Row>& last = groups.back().rows;
  last.push_back({"--config FILE", "JSON file of options by the same names; a flag overrides it"});
  last.push_back({"-h, --help", "print this"});
  if (groups.front().rows.empty()) groups.erase(groups.begin());
  for (Group& group : groups) {
    if (group.heading.empty()) group.heading = has_headings ? "General" : "Options";
  }
  return groups;
}

}  // namespace

int help_width() {
  constexpr int kMinHelpWidth = 80;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kMaxHelpWidth;
  return std::clamp<int>(size.ws_col, kMinHelpWidth, kMaxHelpWidth);
}

std::string overview_text(const std::vector<Command>& commands, int width) {
  const auto columns = static_cast<size_t>(width);
  std::vector<Row> rows;
  size_t longest = 0;
  for (const Command& command : commands) {
    rows.push_back({command.name, command.summary});
    longest = std::max(longest, command.name.size());
  }
  return cat(
      "litemedcot: a large teacher's medical reasoning, handed down to a small student.\n\n"
      "Usage: litemedcot COMMAND [OPTIONS]\n\nCommands, in the order of the pipeline:\n",
      table(rows, longest + 4, columns),
      "\nlitemedcot COMMAND --help lists a command's options, with examples.\n"
      "litemedcot --version prints the version.\n"
      "litemedcot demo runs all of it on synthetic images, in minutes.\n");
}

std::string help_text(const Command& command, int width) {
  const auto columns = static_cast<size_t>(width);
  const std::vector<Group> groups = groups_of(command);
  const size_t left_width = left_width_of(groups);
  std::string text =
      cat("litemedcot ", command.name, ": ",
          wrapped(command.summary, command.name.size() + 13, columns), "\n\nUsage: litemedcot ",
          command.name, " [OPTIONS]",
          command.positional.empty() ? "" : cat(" [", command.positional, "...]"), "\n");
  for (const Group& group : groups) {
    text += cat("\n", group.heading, ":\n", table(group.rows, left_width, columns));
  }
  return cat(text, "\nExamples:\n", command.examples);
}

}  // namespace lmc::apps
