// TensorBoard event files, written without TensorBoard.
//
// A file of records: length (8 bytes, little-endian), masked CRC-32C of those 8 bytes, the record,
// its masked CRC-32C. A record is an Event message of tensorflow/core/util/event.proto.
// Threads: one.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace lmc::train {

class EventFile {
 public:
  // Makes FOLDER/events.out.tfevents.<seconds>.<host>.
  // Errors: InputError.
  explicit EventFile(const std::string& folder);

  void add_scalar(std::string_view tag, int64_t step, double value);
  void flush() { out_.flush(); }

 private:
  void write_record(std::string_view record);

  std::ofstream out_;
};

}  // namespace lmc::train
