#include "tests/fuzz/target.h"

#include <cstdlib>
#include <iostream>

namespace bearer::fuzz {
namespace {

std::vector<Target>& registry() {
  static std::vector<Target> targets;  // made by the first registration, wherever that is
  return targets;
}

}  // namespace

const std::vector<Target>& targets() {
  return registry();
}

Registration::Registration(std::string_view name, void (*run)(std::string_view bytes)) {
  registry().push_back({name, run});
}

void check(bool holds, std::string_view promise) {
  if (holds) return;
  std::cerr << "broken: " << promise << std::endl;
  std::abort();
}

}  // namespace bearer::fuzz
