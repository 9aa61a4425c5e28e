// A fuzz target: a function that is handed any bytes and checks what must hold of them. A fuzzer
// runs one target for long; the program fuzz-corpus runs all of them for a moment.
#pragma once

#include <string_view>
#include <vector>

namespace bearer::fuzz {

struct Target {
  std::string_view name;  ///< its file's, and its corpus' folder's
  void (*run)(std::string_view bytes);
};

/// Those that are linked in.
const std::vector<Target>& targets();

/// Makes a target known: the one static object of its file.
struct Registration {
  Registration(std::string_view name, void (*run)(std::string_view bytes));
};

/// Ends the program unless `holds`, and says which promise was broken.
void check(bool holds, std::string_view promise);

}  // namespace bearer::fuzz
