// The items of CLAIM (Checklist for Artificial Intelligence in Medical Imaging) with what manifests
// and results say to each; what they cannot know is left for the authors.
//
// Source: Mongan, Moy and Kahn 2020 (PMC8017414), numbers 1 to 42, in our own words. This is no
//         replacement for the published checklist.
#pragma once

#include "report/report.h"  // ReportData
#include "report/tables.h"  // Table

namespace lmc::report {

// Columns: number, item, what is known, from where ("filled", "partly", "authors").
Table claim_checklist(const ReportData& data);

}  // namespace lmc::report
