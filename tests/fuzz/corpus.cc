// Runs every target over its corpus, and over a few changes of each input.
//
//     fuzz-corpus         all of them
//     fuzz-corpus FILE…   inputs of the target after which their folder is named, change by change
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

namespace bearer::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kChanges = 30;

/// A byte more, a byte less, another byte, or a run of them twice.
void change(std::string& bytes, std::minstd_rand& random) {
  const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
  const char any = static_cast<char>(random());
  switch (random() % 4) {
    case 0: bytes.insert(at, 1, any); break;
    case 1: bytes.erase(at, 1); break;
    case 2: std::ranges::fill_n(bytes.begin() + static_cast<long>(at), !bytes.empty(), any); break;
    default: bytes.insert(at, bytes.substr(at, 1 + random() % 16));
  }
}

/// With nothing behind the last byte, not even a NUL, so that a sanitizer sees a read past it.
void run_exactly(const Target& target, std::string_view bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  target.run({exact.data(), exact.size()});
}

void run_file(const Target& target, const fs::path& path, bool each_change) {
  // The last line of output names the input that ended the program, however that came.
  std::cout << path.string() << std::endl;
  const std::string seed = test::content(path);
  run_exactly(target, seed);
  std::minstd_rand random = chance(seed);
  std::string bytes = seed;
  for (int i = 1; i <= kChanges; ++i) {
    change(bytes, random);
    if (each_change) std::cout << "changed " << i << " times:\n" << bytes << std::endl;
    run_exactly(target, bytes);
  }
}

const Target* target_of(const fs::path& path) {
  const std::string name = fs::absolute(path).parent_path().filename();
  const auto found = std::ranges::find(targets(), name, &Target::name);
  return found == targets().end() ? nullptr : &*found;
}

/// False if there is no corpus: then nothing would be tested.
bool run_corpus(const Target& target) {
  const fs::path folder = test::source_tree() / "tests/fuzz/corpus" / target.name;
  if (!fs::is_directory(folder) || fs::is_empty(folder)) {
    std::cerr << folder.string() << " holds no inputs\n";
    return false;
  }
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const fs::path& path : paths) run_file(target, path, false);
  return true;
}

int run(const std::vector<std::string_view>& files) {
  bool good = !targets().empty();
  for (const std::string_view file : files) {
    const Target* target = target_of(file);
    if (target) run_file(*target, file, true);
    if (!target) std::cerr << file << " lies in no target's folder\n";
    good = good && target;
  }
  if (!files.empty()) return good ? 0 : 2;
  for (const Target& target : targets()) good = run_corpus(target) && good;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bearer::fuzz

int main(int argc, char** argv) {
  return bearer::fuzz::run({argv + 1, argv + argc});
}
