#include "text/bpe.h"

#include <queue>

namespace lmc::text {

namespace {

struct Symbol {
  int32_t id;
  int32_t previous;
  int32_t next;  // -1 at the end; a merged-away symbol has id -1
};

struct Candidate {
  int32_t rank;
  int32_t position;  // of the left symbol
  int32_t left_id;   // to see whether the pair still stands
  int32_t right_id;
  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

}  // namespace

void merge_bytes(const BpeTables& tables, std::string_view bytes, std::vector<int32_t>& ids) {
  const auto count = static_cast<int32_t>(bytes.size());
  std::vector<Symbol> symbols(bytes.size());
  for (int32_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
    symbols[static_cast<size_t>(i)] = {tables.byte_ids[byte], i - 1, i + 1 < count ? i + 1 : -1};
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](int32_t left) {
    if (left < 0) return;
    const Symbol& symbol = symbols[static_cast<size_t>(left)];
    if (symbol.next < 0) return;
    const int32_t right_id = symbols[static_cast<size_t>(symbol.next)].id;
    const auto merge = tables.merges.find(BpeTables::pair(symbol.id, right_id));
    if (merge == tables.merges.end()) return;
    queue.push({merge->second.rank, left, symbol.id, right_id});
  };
  for (int32_t i = 0; i + 1 < count; ++i) consider(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<size_t>(best.position)];
    if (left.id != best.left_id || left.next < 0) continue;
    Symbol& right = symbols[static_cast<size_t>(left.next)];
    if (right.id != best.right_id) continue;
    left.id = tables.merges.at(BpeTables::pair(best.left_id, best.right_id)).merged_id;
    right.id = -1;
    left.next = right.next;
    if (left.next >= 0) symbols[static_cast<size_t>(left.next)].previous = best.position;
    consider(best.position);
    consider(left.previous);
  }
  for (int32_t i = 0; i >= 0 && i < count; i = symbols[static_cast<size_t>(i)].next) {
    ids.push_back(symbols[static_cast<size_t>(i)].id);
  }
}

}  // namespace lmc::text
