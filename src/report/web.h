// The scripts and style sheets of the pages. They are files of their own in web/, which the build
// embeds (cmake/lmc_web.cmake); each text begins with a line break.
#pragma once

#include <string_view>

namespace lmc::report {

// The style sheet of every page, its palette (palette.css, which the clinician's page has as well)
// first: light and dark by the reader's setting, one column on a phone, nothing loaded from elsewhere.
extern const std::string_view kPageStyle;
// What the audit's page and the review sheet have beyond it.
extern const std::string_view kAuditStyle;
extern const std::string_view kReviewStyle;

// Filters the list of all questions and shows it page by page. Every text goes in as text, never as
// markup.
extern const std::string_view kItemsScript;
// Counts what is rated on a review sheet, keeps it in the browser, saves it as a file.
extern const std::string_view kReviewScript;

}  // namespace lmc::report
