// Rows times packed matrices, on all threads.
//
// Letters: N rows, I inputs, O outputs.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "runtime/kernels/kernels.h"  // Kernels
#include "runtime/packed_matrix.h"    // PackedMatrix
#include "runtime/thread_pool.h"      // ThreadPool

namespace lmc::runtime {

// What computes: the kernels of a tier and the threads that run them.
struct Machine {
  const Kernels& kernels;
  ThreadPool& pool;
};

// Rows of floats that lie anywhere.
struct Rows {
  float* values = nullptr;
  int64_t count = 0;
  int64_t width = 0;
  int64_t stride = 0;

  Rows() = default;
  Rows(std::vector<float>& all, int64_t count, int64_t width)
      : values(all.data()), count(count), width(width), stride(width) {}
  float* row(int64_t index) const { return values + index * stride; }
};

// Rows as a matrix takes them: as they are, or as bytes with a scale a group.
class Operand {
 public:
  // Makes room for `count` rows for matrices of this layout; fill() follows for each.
  void prepare(const Kernels& kernels, const MatrixLayout& layout, int64_t count);
  // Row `index`; where the matrix is in floats the row is copied. Several threads may fill rows.
  void fill(const Kernels& kernels, int64_t index, const float* row_I);
  // All rows at once, on all threads.
  void fill(const Machine& machine, const Rows& rows);

  int64_t count() const { return count_; }
  FloatRows floats(int64_t first, int64_t count) const;
  ByteRows bytes(int64_t first, int64_t count) const;
  bool fits(const MatrixLayout& layout) const;

 private:
  int64_t count_ = 0, inputs_ = 0, group_ = 0, groups_ = 0;
  int64_t stride_ = 0;  // of bytes and shorts
  bool has_shorts_ = false;
  std::vector<float> floats_NI_;
  std::vector<int8_t> bytes_;
  std::vector<int16_t> shorts_;
  std::vector<float> scales_;
  std::vector<int32_t> sums_;
};

// 16 outputs of rows [first, first + count), by the thread that calls.
void multiply_panel(const Kernels& kernels, const PackedMatrix& matrix, int64_t panel,
                    const Operand& x, int64_t first, int64_t count, float* out_RO);

// One product of several that share their operand: out[n] = or += x[n] w^T + bias.
struct Product {
  const PackedMatrix& matrix;
  Rows out;
  const float* bias_O = nullptr;  // null: none
  bool adds = false;              // to what is there
};

void multiply(const Machine& machine, const Operand& x, std::span<const Product> products);
inline void multiply(const Machine& machine, const Operand& x,
                     std::initializer_list<Product> products) {
  multiply(machine, x, std::span(products.begin(), products.size()));
}

}  // namespace lmc::runtime
