// A fuzz target without libFuzzer, for every build: each seed of a folder, then mutations of them
// that are the same in every run. A finding's input is kept in <dictionary's name>.finding.
//
//   x_fuzz_short FOLDER DICTIONARY MUTATIONS
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"   // read_file, for_each_line
#include "base/random.h"  // Random

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

namespace lmc {
namespace {

constexpr size_t kMaxInput = 1 << 14;

std::string current_input;
std::string finding_path;

// Only calls that a signal handler may make.
extern "C" void keep_input(int signal) {
  const int file = open(finding_path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file >= 0 && write(file, current_input.data(), current_input.size()) >= 0) close(file);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(std::string input) {
  current_input = std::move(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current_input.data()),
                         current_input.size());
}

// The words of a libFuzzer dictionary: a line "word", with \\, \" and \xNN.
std::vector<std::string> read_dictionary(const std::string& path) {
  std::vector<std::string> words;
  for_each_line(path, [&](size_t, std::string_view line) {
    if (line.size() < 2 || line.front() != '"') return;
    std::string word;
    for (size_t i = 1; i + 1 < line.size(); ++i) {
      if (line[i] != '\\') {
        word += line[i];
      } else if (line[++i] != 'x') {
        word += line[i];
      } else {
        word += static_cast<char>(std::stoi(std::string(line.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      }
    }
    words.push_back(std::move(word));
  });
  return words;
}

class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, std::vector<std::string> words)
      : seeds_(std::move(seeds)), words_(std::move(words)), random_(1) {}

  std::string next() {
    std::string text = one_of(seeds_);
    for (int64_t steps = random_.integer(1, 6); steps > 0; --steps) mutate(text);
    if (text.size() > kMaxInput) text.resize(kMaxInput);
    return text;
  }

 private:
  size_t place(size_t size) {
    return static_cast<size_t>(random_.integer(0, static_cast<int64_t>(size)));
  }

  const std::string& one_of(const std::vector<std::string>& list) {
    return list[place(list.size() - 1)];
  }

  void mutate(std::string& text) {
    const size_t at = place(text.size());
    switch (random_.integer(0, 5)) {
      case 0:  // a bit
        if (at < text.size()) text[at] ^= static_cast<char>(1 << random_.integer(0, 7));
        break;
      case 1:  // a byte
        text.insert(at, 1, static_cast<char>(random_.integer(0, 255)));
        break;
      case 2:
        text.insert(at, one_of(words_));
        break;
      case 3:  // a piece out
        text.erase(at, place(16));
        break;
      case 4: {  // a piece of another seed in
        const std::string& other = one_of(seeds_);
        const size_t from = place(other.size());
        text.insert(at, other, from, place(64));
        break;
      }
      default:
        text.resize(at);
    }
  }

  const std::vector<std::string> seeds_;
  const std::vector<std::string> words_;
  Random random_;
};

int main(const std::string& folder, const std::string& dictionary, int64_t mutations) {
  finding_path = std::filesystem::path(dictionary).stem().string() + ".finding";
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS}) {
    std::signal(signal, keep_input);
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());  // a folder's order is any
  std::vector<std::string> seeds;
  for (const std::string& path : paths) {
    seeds.push_back(read_file(path));
    run(seeds.back());
  }
  run("");
  const size_t num_seeds = seeds.size();
  Mutator mutator(std::move(seeds), read_dictionary(dictionary));
  for (int64_t i = 0; i < mutations; ++i) run(mutator.next());
  std::printf("%zu seeds, %lld mutations: no finding\n", num_seeds,
              static_cast<long long>(mutations));
  return 0;
}

}  // namespace
}  // namespace lmc

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s FOLDER DICTIONARY MUTATIONS\n", argv[0]);
    return 2;
  }
  return lmc::main(argv[1], argv[2], std::atoll(argv[3]));
}
