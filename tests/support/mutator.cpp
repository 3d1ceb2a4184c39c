#include "support/mutator.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"    // Json
#include "base/sha256.h"  // sha256_hex

namespace lmc::tests {

namespace {

uint64_t number_at(const std::string& bytes, size_t at) {
  uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

void put_number(std::string& bytes, size_t at, uint64_t number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

std::string lines_joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::string Mutator::damaged(FileKind kind, std::string bytes) {
  switch (kind) {
    case FileKind::kBytes:
      return in_bytes(std::move(bytes));
    case FileKind::kJson:
      return below(5) == 0 ? in_bytes(std::move(bytes)) : in_json(bytes);
    case FileKind::kJsonLines:
      return below(5) == 0 ? in_bytes(std::move(bytes)) : in_json_lines(bytes);
    case FileKind::kSafetensors:
      return below(2) == 0 ? in_bytes(std::move(bytes)) : in_safetensors(bytes);
    case FileKind::kDeviceFile:
      return below(2) == 0 ? in_bytes(std::move(bytes)) : in_device_file(bytes);
  }
  return bytes;
}

std::string Mutator::in_bytes(std::string bytes) {
  constexpr std::string_view kPieces[] = {{"\0", 1},
                                          "\xff",
                                          "\x7f\xff\xff\xff",
                                          {"\0\0\0\x80", 4},
                                          "\xff\xff\xff\xff\xff\xff\xff\xff",
                                          "\"",
                                          ",",
                                          "\n",
                                          "\r\n",
                                          ";",
                                          "{",
                                          "[",
                                          "\xef\xbb\xbf",
                                          "\xff\xfe",
                                          "\xe4",
                                          "../",
                                          "1e999",
                                          "-1"};
  for (int64_t steps = random_.integer(1, 4); steps > 0; --steps) {
    // Half of the damage where heads are.
    const size_t reach = below(2) == 0 ? std::min<size_t>(bytes.size(), 512) : bytes.size();
    const size_t at = place(reach);
    switch (below(7)) {
      case 0:
        if (at < bytes.size()) bytes[at] ^= static_cast<char>(1 << below(8));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
        break;
      case 2: {
        const std::string_view piece = kPieces[below(static_cast<int64_t>(std::size(kPieces)))];
        bytes.replace(at, std::min(piece.size(), bytes.size() - at), piece);
        break;
      }
      case 3:
        bytes.insert(at, kPieces[below(static_cast<int64_t>(std::size(kPieces)))]);
        break;
      case 4:
        bytes.erase(at, place(below(4) == 0 ? bytes.size() : 16));
        break;
      case 5:
        bytes.insert(at, bytes.substr(place(bytes.size()), place(64)));
        break;
      default:
        if (below(3) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

std::string Mutator::any_value() {
  static const std::string kValues[] = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-1",
                                        "1",
                                        "1.5",
                                        "1e999",
                                        "-1e999",
                                        "1e-320",
                                        "1e300",
                                        "2147483648",
                                        "4294967297",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "9223372036854775808",
                                        "18446744073709551616",
                                        "[]",
                                        "{}",
                                        "[[]]",
                                        "[null]",
                                        "[1,-1]",
                                        "{\"\":{}}",
                                        "\"\"",
                                        "\"x\"",
                                        "\"\\u0000\"",
                                        "\"\\ud800\"",
                                        "\"a\\nb\"",
                                        "\"\\u202e\\u001b[2J\"",
                                        "\"../../../../etc/passwd\"",
                                        "\"/dev/zero\"",
                                        "\"NaN\"",
                                        "NaN",
                                        "\"(.*.*)*x\""};
  const int64_t draw = below(static_cast<int64_t>(std::size(kValues)) + 2);
  if (draw < static_cast<int64_t>(std::size(kValues))) return kValues[draw];
  if (draw == static_cast<int64_t>(std::size(kValues))) {
    return "\"" + std::string(100'000, 'w') + "\"";
  }
  return std::string(600, '[') + std::string(600, ']');
}

std::string Mutator::in_json(const std::string& text) {
  constexpr const char* kMark = "the value goes here";
  Json root = Json::parse(text, nullptr, false);
  if (root.is_discarded()) return in_bytes(text);
  for (int64_t steps = random_.integer(1, 3); steps > 0; --steps) {
    Json* parent = nullptr;
    Json* node = &root;
    while (node->is_structured() && !node->empty() && (parent == nullptr || below(3) > 0)) {
      parent = node;
      auto child = node->begin();
      std::advance(child, below(static_cast<int64_t>(node->size())));
      node = &*child;
    }
    if (parent == nullptr) return any_value();
    const int64_t how = below(8);
    if (how == 0) {  // left out
      for (auto it = parent->begin(); it != parent->end(); ++it) {
        if (&*it != node) continue;
        parent->erase(it);
        break;
      }
    } else if (how == 1 && parent->is_object()) {
      (*parent)["another key"] = *node;
    } else if (how == 2 && parent->is_array()) {
      const Json again = *node;
      parent->push_back(again);
    } else if (how == 3 && node->is_number_integer()) {
      *node = node->get<int64_t>() + (below(2) == 0 ? 1 : -1);
    } else if (how == 4 && node->is_string() && !node->get<std::string>().empty()) {
      *node = in_bytes(node->get<std::string>());
    } else {
      *node = kMark;
    }
  }
  std::string result = root.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::string quoted = "\"" + std::string(kMark) + "\"";
  for (size_t at = result.find(quoted); at != result.npos; at = result.find(quoted, at)) {
    const std::string value = any_value();
    result.replace(at, quoted.size(), value);
    at += value.size();
  }
  return result;
}

std::string Mutator::in_json_lines(const std::string& text) {
  std::vector<std::string> lines = lines_of(text);
  for (int64_t steps = random_.integer(1, 3); steps > 0 && !lines.empty(); --steps) {
    const auto at = lines.begin() + below(static_cast<int64_t>(lines.size()));
    switch (below(10)) {
      case 0:
        lines.erase(at);
        break;
      case 1:
        lines.insert(at, std::string(*at));
        break;
      case 2:
        std::swap(*at, lines[static_cast<size_t>(below(static_cast<int64_t>(lines.size())))]);
        break;
      case 3:
        at->resize(place(at->size()));
        break;
      default:
        *at = in_json(*at);
    }
  }
  std::string result = lines_joined(lines);
  if (below(10) == 0 && !result.empty()) result.pop_back();
  return result;
}

std::string Mutator::in_safetensors(const std::string& bytes) {
  constexpr size_t kSize = 8;
  if (bytes.size() < kSize || number_at(bytes, 0) > bytes.size() - kSize) return in_bytes(bytes);
  const size_t header = number_at(bytes, 0);
  const std::string damaged_header = in_json(bytes.substr(kSize, header));
  std::string result(kSize, '\0');
  put_number(result, 0, damaged_header.size());
  return result + damaged_header + bytes.substr(kSize + header);
}

std::string Mutator::in_device_file(const std::string& bytes) {
  constexpr size_t kTail = 64;
  if (bytes.size() < kTail) return in_bytes(bytes);
  std::string tail = bytes.substr(bytes.size() - kTail);
  const size_t offset = number_at(tail, 0);
  const size_t size = number_at(tail, 8);
  if (offset > bytes.size() || size > bytes.size() - offset) return in_bytes(bytes);
  const std::string directory = in_json(bytes.substr(offset, size));
  put_number(tail, 8, directory.size());
  const std::string sum = sha256_hex(directory);
  for (size_t i = 0; i < 32; ++i) {
    tail[16 + i] = static_cast<char>(std::stoi(sum.substr(2 * i, 2), nullptr, 16));
  }
  return bytes.substr(0, offset) + directory + tail;
}

}  // namespace lmc::tests
