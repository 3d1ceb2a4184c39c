#include "data/audit.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <memory>

#include "base/ascii_case.h"   // lower_case
#include "base/check.h"        // InputError
#include "base/files.h"        // for_each_line
#include "base/progress.h"     // Progress
#include "record/run_files.h"  // questions_path

namespace lmc::data {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxExamples = 5;    // rows of a reason, repeated rows
constexpr size_t kMaxNearPairs = 12;  // shown with their images
constexpr size_t kMaxSplits = 32;     // of one set; the further ones count as one
constexpr size_t kMaxDetailBytes = 200;
constexpr size_t kBatchRows = 2048;
constexpr std::array<int64_t, 9> kSizeBinsPx = {0, 28, 64, 128, 256, 512, 1024, 2048, 4096};
constexpr char kOthers[] = "(further ones)";

// Lower case, single blanks: the same question written otherwise.
std::string normalised(std::string_view text) {
  std::string result;
  for (const char c : lower_case(text)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

uint64_t key_of(std::string_view text) { return digest_of(text).high; }

// In characters, so that an accent does not make an option longer.
size_t length_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

char longest_option(const record::Question& question) {
  char best = question.options.begin()->first;
  for (const auto& [letter, text] : question.options) {
    if (length_of(text) > length_of(question.options.at(best))) best = letter;
  }
  return best;
}

PartMask bit(size_t part) { return PartMask{1} << part; }

}  // namespace

size_t Auditor::part_of(const std::string& set, const std::string& split) {
  const std::string prefix = set.empty() ? "" : set + ": ";
  std::string name = prefix + (split.empty() ? "(no split)" : split);
  const auto place_of = [&](const std::string& wanted) {
    return static_cast<size_t>(std::find(parts_.begin(), parts_.end(), wanted) - parts_.begin());
  };
  size_t place = place_of(name);
  if (place < parts_.size()) return place;
  const auto of_this_set =
      static_cast<size_t>(std::count_if(parts_.begin(), parts_.end(), [&](const std::string& part) {
        return part.starts_with(prefix);
      }));
  if (of_this_set >= kMaxSplits || parts_.size() + 1 >= kMaxParts) {
    name = parts_.size() + 1 >= kMaxParts ? kOthers : prefix + kOthers;
    place = place_of(name);
    if (place < parts_.size()) return place;
  }
  LMC_CHECK(parts_.size() < kMaxParts, parts_.size());
  parts_.push_back(name);
  return place;
}

void Auditor::add(const SourceRow& row, const FoundImage* image) {
  if (row.is_rejected()) {
    record::RejectedReason& reason = rejected_[row.reason];
    reason.reason = row.reason;
    ++reason.rows;
    if (reason.first.size() < kMaxExamples) {
      reason.first.push_back({row.number, row.detail.substr(0, kMaxDetailBytes)});
    }
    return;
  }
  const record::Question& question = row.question;
  const size_t part = part_of("", question.split);
  own_parts_ |= bit(part);
  count_letters(question);
  const std::string identity =
      question.image_sha256.empty() ? question.image : question.image_sha256;
  find_repetitions(question, row.number, identity);
  add_question(question, part, image);
}

void Auditor::count_letters(const record::Question& question) {
  const bool is_full = splits_.size() >= kMaxSplits && !splits_.contains(question.split);
  SplitCounts& counts = splits_[is_full ? kOthers : question.split];
  const char longest = longest_option(question);
  ++counts.questions;
  ++counts.gold[question.answer];
  ++counts.longest[longest];
  if (longest == question.answer) ++counts.longest_right;
}

void Auditor::find_repetitions(const record::Question& question, int64_t row,
                               const std::string& image) {
  const std::string text = image + "\n" + normalised(question.question);
  std::string whole = text;
  for (const auto& [letter, option] : question.options) {
    whole += '\n';
    whole += letter;
    whole += normalised(option);
  }
  const uint64_t gold_text = key_of(normalised(question.options.at(question.answer)));
  const FirstRow here = {row, question.answer, static_cast<uint32_t>(gold_text)};
  const auto [same, is_new] = by_question_.try_emplace(key_of(whole), here);
  const auto [same_text, is_new_text] = by_text_.try_emplace(key_of(text), here);
  const bool has_other_text = !is_new_text && same_text->second.gold_text != here.gold_text;
  if (!is_new) {
    ++duplicates_.same_question;
    if (same->second.gold != question.answer) ++duplicates_.other_gold_letter;
  }
  if (has_other_text) ++duplicates_.other_gold_text;
  if ((!is_new || has_other_text) && duplicates_.first.size() < kMaxExamples) {
    duplicates_.first.push_back({is_new ? same_text->second.row : same->second.row, row,
                                 question.question.substr(0, kMaxDetailBytes)});
  }
  texts_of_rows_.push_back({key_of(normalised(question.question)), gold_text});
}

void Auditor::add_question(const record::Question& question, size_t part, const FoundImage* image) {
  texts_.push_back({digest_of(normalised(question.question)), bit(part)});
  if (!question.group.empty()) groups_.push_back({digest_of(question.group), bit(part)});
  if (image == nullptr) return;
  has_images_ = true;
  const auto [known, is_new] =
      image_of_path_.try_emplace(digest_of(image->path), static_cast<uint32_t>(images_.size()));
  if (is_new) {
    const ImageFacts& facts = image->facts;
    images_.push_back({paths_.relative(image->path), 0, digest_from_hex(facts.sha256), facts.pixels,
                       facts.perceptual_hash, facts.width_px, facts.height_px,
                       !facts.decode_problem.empty(), facts.kinds()});
  }
  images_[known->second].parts |= bit(part);
}

void Auditor::add_other(const std::string& path, ImageIndex* image_index, std::ostream* progress) {
  const fs::path given(path);
  const fs::path file = fs::is_directory(given) ? fs::path(record::questions_path(path)) : given;
  const fs::path folder = fs::weakly_canonical(file).parent_path();
  std::string name = folder.filename().string();
  if (!other_names_.insert(name).second) name = path;
  if (image_index != nullptr) image_index->learn_from((folder / kImageIndexFile).string());

  int64_t total = 0;
  for_each_line(file.string(), [&](size_t, std::string_view) { ++total; });
  std::unique_ptr<Progress> shown;
  if (progress != nullptr) {
    shown = std::make_unique<Progress>(*progress, "compare with " + name, total, "questions");
  }
  std::vector<SourceRow> batch;
  const auto add_batch = [&] {
    std::unordered_map<std::string, FoundImage> images;
    if (image_index != nullptr) images = find_images(batch, "", *image_index, true);
    for (const SourceRow& row : batch) {
      const auto found = images.find(row.question.image);
      const bool is_there = found != images.end() && !found->second.path.empty() &&
                            found->second.facts.problem.empty();
      add_question(row.question, part_of(name, row.question.split),
                   is_there ? &found->second : nullptr);
    }
    if (shown) shown->add(static_cast<int64_t>(batch.size()));
    batch.clear();
  };
  record::for_each_question(file.string(), [&](record::Question question, const std::string&) {
    question.image = fs::absolute(question.image).lexically_normal().string();
    SourceRow row;
    row.question = std::move(question);
    batch.push_back(std::move(row));
    if (batch.size() == kBatchRows) add_batch();
  });
  add_batch();
}

std::vector<record::AuditedSplit> Auditor::split_report() const {
  std::vector<record::AuditedSplit> report;
  for (const auto& [name, counts] : splits_) {
    record::AuditedSplit split;
    split.name = name;
    split.questions = counts.questions;
    split.gold_letters = counts.gold;
    const auto total = static_cast<double>(counts.questions);
    int64_t most = 0;
    for (const auto& [letter, count] : counts.gold) {
      if (count > most) split.best_letter = letter;
      most = std::max(most, count);
      const auto longest = counts.longest.find(letter);
      if (longest == counts.longest.end()) continue;
      split.longest_option_chance +=
          static_cast<double>(count) / total * static_cast<double>(longest->second) / total;
    }
    split.best_constant = record::proportion_of(most, counts.questions);
    split.longest_option = record::proportion_of(counts.longest_right, counts.questions);
    report.push_back(std::move(split));
  }
  return report;
}

void Auditor::count_texts(record::Duplicates& duplicates) {
  std::sort(texts_of_rows_.begin(), texts_of_rows_.end(),
            [](const TextOfRow& a, const TextOfRow& b) { return a.text < b.text; });
  for (size_t begin = 0; begin < texts_of_rows_.size();) {
    size_t end = begin + 1;
    bool is_contested = false;
    while (end < texts_of_rows_.size() && texts_of_rows_[end].text == texts_of_rows_[begin].text) {
      is_contested |= texts_of_rows_[end++].gold_text != texts_of_rows_[begin].gold_text;
    }
    if (end - begin > 1) ++duplicates.shared_texts;
    if (is_contested) ++duplicates.contested_texts;
    begin = end;
  }
}

record::AuditedImages Auditor::image_report() const {
  record::AuditedImages report;
  report.looked_at = has_images_;
  for (const int64_t from_px : kSizeBinsPx) report.sizes.push_back({from_px, 0});
  std::map<std::string, record::ImageKind> kinds;
  for (const Image& image : images_) {
    if ((image.parts & own_parts_) == 0) continue;
    ++report.files;
    for (const std::string& name : image.kinds) {
      record::ImageKind& kind = kinds[name];
      kind.kind = name;
      ++kind.images;
      if (kind.first.size() < kMaxExamples) kind.first.push_back(image.path);
    }
    if (image.is_undecodable) {
      ++report.undecodable;
      continue;
    }
    const auto [shorter, longer] = std::minmax(image.width_px, image.height_px);
    if (shorter < 28) ++report.below_28_px;
    if (longer > 1024) ++report.above_1024_px;
    if (!image.hash) ++report.not_comparable;
    const auto bin = std::upper_bound(kSizeBinsPx.begin(), kSizeBinsPx.end(), longer);
    ++report.sizes[static_cast<size_t>(bin - kSizeBinsPx.begin()) - 1].images;
  }
  for (auto& [name, kind] : kinds) report.kinds.push_back(std::move(kind));
  for (const auto& [reason, rows] : rejected_) {
    if (reason == kImageMissing) report.rows_missing = rows.rows;
    if (reason == kImageUnreadable) report.rows_unreadable = rows.rows;
  }
  return report;
}

void Auditor::find_near_pairs(PartTable& near, record::Audit& audit) {
  // Images with the same pixels are one.
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < images_.size(); ++i) {
    if (images_[i].hash) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(images_[a].pixels, a) < std::pair(images_[b].pixels, b);
  });
  std::vector<HashedImage> distinct;
  for (const uint32_t i : order) {
    if (!distinct.empty() && images_[distinct.back().index].pixels == images_[i].pixels) {
      distinct.back().parts |= images_[i].parts;
    } else {
      distinct.push_back({*images_[i].hash, images_[i].parts, i});
    }
  }
  const auto by_distance = [](const record::NearPair& a, const record::NearPair& b) {
    return std::tie(a.distance, a.first_image, a.second_image) <
           std::tie(b.distance, b.first_image, b.second_image);
  };
  const auto visit = [&](const HashedImage& a, const HashedImage& b, int distance) {
    bool is_shown = false;
    for (PartMask of_a = a.parts; of_a != 0; of_a &= of_a - 1) {
      const auto first = static_cast<size_t>(std::countr_zero(of_a));
      for (PartMask of_b = b.parts; of_b != 0; of_b &= of_b - 1) {
        const auto second = static_cast<size_t>(std::countr_zero(of_b));
        if (first == second || ((bit(first) | bit(second)) & own_parts_) == 0) continue;
        ++near[std::min(first, second)][std::max(first, second)];
        if (std::exchange(is_shown, true)) continue;
        record::NearPair pair = {parts_[first], images_[a.index].path, parts_[second],
                                 images_[b.index].path, distance};
        if (second < first) {
          std::swap(pair.first, pair.second);
          std::swap(pair.first_image, pair.second_image);
        }
        auto& shown = audit.near_pairs;
        shown.insert(std::upper_bound(shown.begin(), shown.end(), pair, by_distance), pair);
        if (shown.size() > kMaxNearPairs) shown.pop_back();
      }
    }
  };
  for_each_near_pair(distinct, visit);
}

record::Audit Auditor::finish() {
  record::Audit audit;
  for (auto& [reason, rows] : rejected_) audit.rejected.push_back(rows);
  std::stable_sort(audit.rejected.begin(), audit.rejected.end(),
                   [](const auto& a, const auto& b) { return a.rows > b.rows; });
  audit.splits = split_report();
  audit.duplicates = duplicates_;
  count_texts(audit.duplicates);
  audit.images = image_report();
  audit.parts = parts_;
  audit.near_distance = kNearDistance;

  std::vector<Placed> files;
  std::vector<Placed> pixels;
  for (const Image& image : images_) {
    files.push_back({image.file, image.parts});
    if (image.width_px > 0) pixels.push_back({image.pixels, image.parts});
  }
  const auto tables = std::make_unique<std::array<PartTable, 5>>();
  count_shared(files, (*tables)[0]);
  count_shared(pixels, (*tables)[1]);
  find_near_pairs((*tables)[2], audit);
  count_shared(texts_, (*tables)[3]);
  count_shared(groups_, (*tables)[4]);
  const auto is_own = [&](const Placed& one) { return (one.parts & own_parts_) != 0; };
  audit.images.distinct_files = std::count_if(files.begin(), files.end(), is_own);
  audit.images.distinct_pixels = std::count_if(pixels.begin(), pixels.end(), is_own);
  for (size_t i = 0; i < parts_.size(); ++i) {
    for (size_t j = i + 1; j < parts_.size(); ++j) {
      if (((bit(i) | bit(j)) & own_parts_) == 0) continue;
      audit.overlaps.push_back({parts_[i], parts_[j], (*tables)[0][i][j], (*tables)[1][i][j],
                                (*tables)[2][i][j], (*tables)[3][i][j], (*tables)[4][i][j]});
    }
  }
  return audit;
}

}  // namespace lmc::data
