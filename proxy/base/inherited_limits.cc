#include "base/inherited_limits.h"

namespace bearer::base {

const InheritedLimits& InheritedLimits::of_start() {
  static const InheritedLimits noted = [] {
    InheritedLimits found{};
    getrlimit(RLIMIT_CORE, &found.core);
    getrlimit(RLIMIT_NOFILE, &found.descriptors);
    return found;
  }();
  return noted;
}

void InheritedLimits::restore() const {
  setrlimit(RLIMIT_CORE, &core);
  setrlimit(RLIMIT_NOFILE, &descriptors);
}

}  // namespace bearer::base
