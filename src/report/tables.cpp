#include "report/tables.h"

#include <map>

#include "base/check.h"     // cat, LMC_CHECK
#include "base/files.h"     // make_folder, read_file, write_file
#include "base/json.h"      // Json
#include "record/output.h"  // claim_file_output
#include "report/html.h"

namespace lmc::report {

namespace {

// The shortest digits that read back as the same number.
std::string exact_number(double value) { return to_text(Json(value)); }

// By which a table is known again when its runs have changed: its caption, or its first column.
std::string_view beginning_of(std::string_view text) {
  const size_t end = text.find_first_of(",\n");
  return end == text.npos ? text : text.substr(0, end + 1);
}

bool is_on_page_alone(const Column& column) { return column.keys.empty(); }

// One line, and no character that starts markup.
std::string markdown_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\t') {
      escaped += ' ';
      continue;
    }
    if (c == '<') {
      escaped += "&lt;";
      continue;
    }
    if (c == '&') {
      escaped += "&amp;";
      continue;
    }
    if (std::string_view("\\`*_[]|>#").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string latex_escaped(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.compare(i, 3, kNoValue) == 0) {
      escaped += "--";
      i += 2;
    } else if (c == '\\') {
      escaped += "\\textbackslash{}";
    } else if (c == '~') {
      escaped += "\\textasciitilde{}";
    } else if (c == '^') {
      escaped += "\\textasciicircum{}";
    } else if (c == '<') {
      escaped += "\\textless{}";
    } else if (c == '>') {
      escaped += "\\textgreater{}";
    } else if (std::string_view("&%$#_{}").find(c) != std::string_view::npos) {
      escaped += cat("\\", std::string(1, c));
    } else {
      escaped += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
  }
  return escaped;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

const char* style_of(const Column& column) {
  if (is_on_page_alone(column)) return " class=\"bar-cell\"";
  return column.is_text ? " class=\"text\"" : "";
}

std::string heading_html(const Column& column) {
  return cat("<th scope=\"col\" role=\"columnheader\"", column.is_text ? " class=\"text\"" : "",
             ">", escaped(column.heading), "</th>");
}

std::string cell_html(const Column& column, const Cell& cell, bool names_row) {
  const std::string body = cell.html.empty() ? escaped(cell.shown) : cell.html;
  if (names_row) return cat("<th scope=\"row\" role=\"rowheader\">", body, "</th>");
  return cat("<td role=\"cell\"", style_of(column), " data-label=\"", escaped(column.heading),
             "\">", body, "</td>");
}

// Whether the first column says the same again and again: on the page it is then said once, above
// its rows.
bool is_grouped(const Table& table) {
  for (size_t i = 1; i < table.rows.size(); ++i) {
    if (table.columns.size() > 2 && table.rows[i][0].shown == table.rows[i - 1][0].shown) {
      return true;
    }
  }
  return false;
}

std::string group_html(const Cell& cell, size_t columns) {
  return cat(
      "<tr role=\"row\" class=\"group\"><th scope=\"rowgroup\" role=\"rowheader\" colspan=\"",
      columns, "\">", cell.html.empty() ? escaped(cell.shown) : cell.html, "</th></tr>\n");
}

}  // namespace

Cell text_cell(const std::string& text) { return {text, {text}}; }

Cell count_cell(int64_t count) { return {std::to_string(count), {std::to_string(count)}}; }

Cell number_cell(std::optional<double> value, int digits) {
  if (!value) return {kNoValue, {""}};
  return {fixed(*value, digits), {exact_number(*value)}};
}

Cell percent_cell(std::optional<double> share) {
  if (!share) return {kNoValue, {""}};
  return {percent(*share), {exact_number(*share)}};
}

Cell interval_cell(const std::optional<std::array<double, 2>>& interval, bool signed_points) {
  if (!interval) return {kNoValue, {"", ""}};
  const auto& [low, high] = *interval;
  const std::string shown = signed_points ? cat(points(low), " to ", points(high))
                                          : cat(fixed(100 * low, 1), " to ", percent(high));
  return {shown, {exact_number(low), exact_number(high)}};
}

Cell points_cell(double difference) { return {points(difference), {exact_number(difference)}}; }

Cell p_cell(std::optional<double> p) {
  if (!p) return {kNoValue, {""}};
  return {p_value(*p), {exact_number(*p)}};
}

std::string table_html(const Table& table) {
  const size_t first = is_grouped(table) ? 1 : 0;
  std::string headings;
  for (size_t i = first; i < table.columns.size(); ++i) headings += heading_html(table.columns[i]);
  std::string rows;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const std::vector<Cell>& row = table.rows[r];
    LMC_CHECK(row.size() == table.columns.size(), table.name, ": ", row.size(), " cells in ",
              table.columns.size(), " columns");
    if (first == 1 && (r == 0 || row[0].shown != table.rows[r - 1][0].shown)) {
      rows += group_html(row[0], table.columns.size() - 1);
    }
    rows += "<tr role=\"row\">";
    for (size_t i = first; i < row.size(); ++i) {
      rows += cell_html(table.columns[i], row[i], i == first);
    }
    rows += "</tr>\n";
  }
  // The roles are said again because a phone shows rows as cards, and elements that are no longer
  // laid out as a table lose them in some browsers.
  return cat("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
             escaped(table.caption), "\">\n<table role=\"table\"><caption>", escaped(table.caption),
             "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">", headings,
             "</tr></thead>\n<tbody role=\"rowgroup\">\n", rows, "</tbody></table></div>\n");
}

std::string table_markdown(const Table& table) {
  std::string headings = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    if (is_on_page_alone(column)) continue;
    headings += cat(" ", markdown_escaped(column.heading), " |");
    rule += column.is_text ? "---|" : "---:|";
  }
  std::string text = cat(markdown_escaped(table.caption), "\n\n", headings, "\n", rule, "\n");
  for (const std::vector<Cell>& row : table.rows) {
    text += "|";
    for (size_t i = 0; i < row.size(); ++i) {
      if (is_on_page_alone(table.columns[i])) continue;
      text += cat(" ", markdown_escaped(row[i].shown), " |");
    }
    text += "\n";
  }
  return text;
}

std::string table_csv(const Table& table) {
  std::string text;
  for (const Column& column : table.columns) {
    for (const std::string& key : column.keys) text += cat(text.empty() ? "" : ",", csv_field(key));
  }
  text += "\n";
  for (const std::vector<Cell>& row : table.rows) {
    std::string line;
    bool is_first = true;
    for (size_t i = 0; i < row.size(); ++i) {
      if (is_on_page_alone(table.columns[i])) continue;
      LMC_CHECK(row[i].exact.size() == table.columns[i].keys.size(), table.name, ": column ", i);
      for (const std::string& value : row[i].exact) {
        line += cat(is_first ? "" : ",", csv_field(value));
        is_first = false;
      }
    }
    text += line + "\n";
  }
  return text;
}

std::string table_latex(const Table& table) {
  std::string alignment;
  std::string headings;
  for (const Column& column : table.columns) {
    if (is_on_page_alone(column)) continue;
    headings += cat(headings.empty() ? "" : " & ", latex_escaped(column.heading));
    alignment += column.is_text ? 'l' : 'r';
  }
  std::string text =
      cat("% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n\\caption{",
          latex_escaped(table.caption), "}\n\\label{tab:", table.name, "}\n\\begin{tabular}{",
          alignment, "}\n\\toprule\n", headings, " \\\\\n\\midrule\n");
  for (const std::vector<Cell>& row : table.rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (is_on_page_alone(table.columns[i])) continue;
      line += cat(i == 0 ? "" : " & ", latex_escaped(row[i].shown));
    }
    text += line + " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

void write_tables(const std::string& folder, const std::vector<Table>& tables) {
  make_folder(folder);
  std::map<std::string, std::string> files;
  for (const Table& table : tables) {
    const std::string path = cat(folder, "/", table.name);
    files[path + ".md"] = table_markdown(table);
    files[path + ".csv"] = table_csv(table);
    files[path + ".tex"] = table_latex(table);
  }
  for (const auto& [path, text] : files) {
    record::claim_file_output(path, {}, "this table", [&text = text](const std::string& found) {
      return text.starts_with(beginning_of(read_file(found)));
    });
  }
  for (const auto& [path, text] : files) write_file(path, text);
}

}  // namespace lmc::report
