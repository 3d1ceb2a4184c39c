// audit.html: what `prepare --audit` found, as one page that needs nothing but itself.
#pragma once

#include <string>

#include "record/audit.h"  // Audit

namespace lmc::report {

// `folder`: what the audit's image paths are relative to; the images of near-duplicates are read
// from there and travel inside the page.
std::string audit_page(const record::Audit& audit, const std::string& folder);

}  // namespace lmc::report
