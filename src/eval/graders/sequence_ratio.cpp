#include "eval/graders/sequence_ratio.h"

#include <unordered_map>
#include <vector>

namespace lmc::eval {

namespace {

struct Piece {
  size_t a = 0;
  size_t b = 0;
  size_t size = 0;
};

struct Part {
  size_t a_begin, a_end, b_begin, b_end;
};

class Matcher {
 public:
  Matcher(std::u32string_view a, std::u32string_view b)
      : a_(a), b_(b), length_(b.size() + 1), next_length_(b.size() + 1) {
    for (size_t j = 0; j < b.size(); ++j) places_[b[j]].push_back(j);
    constexpr size_t kLong = 200;
    if (b.size() >= kLong) {
      const size_t most = b.size() / 100 + 1;
      std::erase_if(places_, [most](const auto& entry) { return entry.second.size() > most; });
    }
  }

  // Characters in common pieces.
  size_t matches() {
    size_t count = 0;
    std::vector<Part> todo{{0, a_.size(), 0, b_.size()}};
    while (!todo.empty()) {
      const Part part = todo.back();
      todo.pop_back();
      const Piece piece = longest(part);
      if (piece.size == 0) continue;
      count += piece.size;
      if (part.a_begin < piece.a && part.b_begin < piece.b) {
        todo.push_back({part.a_begin, piece.a, part.b_begin, piece.b});
      }
      const size_t a_after = piece.a + piece.size;
      const size_t b_after = piece.b + piece.size;
      if (a_after < part.a_end && b_after < part.b_end) {
        todo.push_back({a_after, part.a_end, b_after, part.b_end});
      }
    }
    return count;
  }

 private:
  Piece longest(const Part& part) {
    Piece best{part.a_begin, part.b_begin, 0};
    std::vector<size_t> used;  // entries of length_ that are not 0
    std::vector<size_t> next_used;
    for (size_t i = part.a_begin; i < part.a_end; ++i) {
      if (const auto found = places_.find(a_[i]); found != places_.end()) {
        for (const size_t j : found->second) {
          if (j < part.b_begin) continue;
          if (j >= part.b_end) break;
          // length_[j]: of the common piece that ends before place j of `b`, one place back in `a`.
          const size_t size = length_[j] + 1;
          next_length_[j + 1] = size;
          next_used.push_back(j + 1);
          if (size > best.size) best = {i + 1 - size, j + 1 - size, size};
        }
      }
      for (const size_t place : used) length_[place] = 0;
      used.clear();
      std::swap(length_, next_length_);
      std::swap(used, next_used);
    }
    for (const size_t place : used) length_[place] = 0;
    while (best.a > part.a_begin && best.b > part.b_begin && a_[best.a - 1] == b_[best.b - 1]) {
      --best.a;
      --best.b;
      ++best.size;
    }
    while (best.a + best.size < part.a_end && best.b + best.size < part.b_end &&
           a_[best.a + best.size] == b_[best.b + best.size]) {
      ++best.size;
    }
    return best;
  }

  std::u32string_view a_;
  std::u32string_view b_;
  std::unordered_map<char32_t, std::vector<size_t>> places_;  // in b_, of its unpopular characters
  std::vector<size_t> length_;
  std::vector<size_t> next_length_;
};

}  // namespace

double sequence_ratio(std::u32string_view a, std::u32string_view b) {
  if (a.empty() && b.empty()) return 1;
  return 2.0 * static_cast<double>(Matcher(a, b).matches()) /
         static_cast<double>(a.size() + b.size());
}

}  // namespace lmc::eval
