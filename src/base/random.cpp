#include "base/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/check.h"  // LMC_CHECK

namespace lmc {

namespace {

uint64_t splitmix(uint64_t& x) {
  x += 0x9e3779b97f4a7c15ULL;
  uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = splitmix(seed);
}

Random Random::named(uint64_t seed, std::string_view name, uint64_t index) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ seed;  // FNV-1a over the name, then mixed with the index
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  hash = splitmix(hash) ^ index;
  return Random(splitmix(hash));
}

uint64_t Random::next_bits() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next_bits() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

int64_t Random::integer(int64_t low, int64_t high) {
  LMC_CHECK(low <= high, "empty range ", low, "..", high);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (range == 0) return static_cast<int64_t>(next_bits());  // the whole 64-bit range
  const uint64_t limit = range * (UINT64_MAX / range);       // reject the uneven tail
  uint64_t bits = next_bits();
  while (bits >= limit) bits = next_bits();
  return static_cast<int64_t>(static_cast<uint64_t>(low) + bits % range);
}

double Random::normal() {
  // Box-Muller, one of the pair: no state beyond the generator's.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

bool Random::chance(double probability) { return uniform() < probability; }

}  // namespace lmc
