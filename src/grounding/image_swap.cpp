#include "grounding/image_swap.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/random.h"  // Random

namespace lmc::grounding {

namespace {

const std::string& image_name(const record::Question& question) {
  return question.image_sha256.empty() ? question.image : question.image_sha256;
}

void swap_in_ring(const std::vector<record::Question>& questions,
                  const std::vector<size_t>& members, Random random, ImageSwap& swap) {
  std::map<std::string, std::vector<size_t>> by_image;
  for (const size_t member : members) {
    by_image[image_name(questions[member])].push_back(member);
  }
  std::vector<std::vector<size_t>> groups;
  size_t most = 0;
  for (auto& [name, group] : by_image) {
    random.shuffle(group);
    most = std::max(most, group.size());
    groups.push_back(std::move(group));
  }
  random.shuffle(groups);
  std::vector<size_t> ring;
  for (const std::vector<size_t>& group : groups) {
    ring.insert(ring.end(), group.begin(), group.end());
  }
  for (size_t i = 0; i < ring.size(); ++i) {
    const size_t donor = ring[(i + most) % ring.size()];
    if (image_name(questions[donor]) == image_name(questions[ring[i]])) continue;
    swap[ring[i]] = donor;
  }
}

}  // namespace

ImageSwap swapped_images(const std::vector<record::Question>& questions, bool within_modality,
                         uint64_t seed) {
  std::map<std::string, std::vector<size_t>> rings;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (within_modality && questions[i].modality.empty()) continue;
    rings[within_modality ? questions[i].modality : ""].push_back(i);
  }
  ImageSwap swap(questions.size());
  for (const auto& [modality, members] : rings) {
    swap_in_ring(questions, members, Random::named(seed, "pictures " + modality), swap);
  }
  return swap;
}

}  // namespace lmc::grounding
