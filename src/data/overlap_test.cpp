#include "data/overlap.h"

#include <gmock/gmock.h>

#include <memory>
#include <set>

#include "base/random.h"            // Random
#include "image/perceptual_hash.h"  // hash_distance

namespace lmc::data {
namespace {

TEST(Overlap, AValueOfTwoPartsCountsOnceForThem) {
  std::vector<Placed> values;
  for (const auto& [text, part] :
       {std::pair{"a", 0}, {"a", 0}, {"a", 2}, {"b", 1}, {"b", 2}, {"b", 0}, {"c", 2}, {"c", 2}}) {
    values.push_back({digest_of(text), PartMask{1} << part});
  }
  const auto table = std::make_unique<PartTable>();
  count_shared(values, *table);
  EXPECT_EQ(values.size(), 3U);
  EXPECT_EQ((*table)[0][1], 1);
  EXPECT_EQ((*table)[0][2], 2);
  EXPECT_EQ((*table)[1][2], 1);
  EXPECT_EQ((*table)[2][2], 0);
}

TEST(Overlap, NearPairsAreThoseOfAllPairs) {
  Random random(7);
  std::vector<HashedImage> images;
  for (uint32_t i = 0; i < 600; ++i) {
    uint64_t hash = random.next_bits();
    if (i % 3 != 0) {  // a copy of an earlier one with up to 6 bits changed
      hash = images[static_cast<size_t>(random.integer(0, i - 1))].hash;
      for (int64_t k = random.integer(0, 6); k > 0; --k)
        hash ^= uint64_t{1} << random.integer(0, 63);
    }
    images.push_back({hash, PartMask{1} << random.integer(0, 2), i});
  }
  std::set<std::pair<uint32_t, uint32_t>> expected;
  for (const HashedImage& a : images) {
    for (const HashedImage& b : images) {
      if (a.index < b.index && a.parts != b.parts &&
          image::hash_distance(a.hash, b.hash) <= kNearDistance) {
        expected.emplace(a.index, b.index);
      }
    }
  }
  std::set<std::pair<uint32_t, uint32_t>> found;
  for_each_near_pair(images, [&](const HashedImage& a, const HashedImage& b, int distance) {
    EXPECT_EQ(distance, image::hash_distance(a.hash, b.hash));
    EXPECT_TRUE(found.emplace(std::minmax(a.index, b.index)).second) << "visited twice";
  });
  EXPECT_GT(expected.size(), 200U);
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace lmc::data
