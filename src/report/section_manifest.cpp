// How everything was made: the manifests, whole.
#include "base/check.h"   // cat
#include "report/html.h"  // escaped
#include "report/sections.h"

namespace lmc::report {

namespace {

std::string text_or(const std::string& text, const std::string& fallback) {
  return text.empty() ? fallback : text;
}

std::string manifest_html(const NamedManifest& one) {
  if (!one.manifest) {
    return cat("<p class=\"quiet\">", escaped(one.name), ": no manifest.</p>\n");
  }
  const record::Manifest& manifest = *one.manifest;
  const std::string result =
      one.result.is_null() ? ""
                           : cat("<p class=\"quiet\">Its result.json:</p><pre tabindex=\"0\">",
                                 escaped(to_pretty_text(one.result)), "</pre>");
  return cat("<details><summary>", escaped(one.name), " <span class=\"quiet\">version ",
             escaped(text_or(manifest.version, "?")), ", commit ",
             escaped(text_or(manifest.commit, "unknown").substr(0, 12)), ", ",
             escaped(text_or(manifest.device, "?")), ", ", escaped(text_or(manifest.time, "?")),
             "</span></summary><pre tabindex=\"0\">",
             escaped(to_pretty_text(record::to_json(manifest))), "</pre>", result, "</details>\n");
}

}  // namespace

Section manifests_section(const ReportData& data) {
  Section section{"manifests", "How everything was made", {}};
  for (const NamedManifest& one : data.manifests) section.body += manifest_html(one);
  if (!section.body.empty()) {
    section.body =
        note(
            "Each manifest has the options as they were used, the program's version and commit, "
            "the device, and the SHA-256 of every input.") +
        section.body;
  }
  return section;
}

}  // namespace lmc::report
