#include "base/internal_fault.h"

#include <typeinfo>

#include "base/clock.h"
#include "base/log.h"
#include "base/recurrence.h"

namespace bearer::base {

Error internal_fault(std::string_view lost, const std::exception& bug) {
  return {Errc::internal_fault,
          std::string(lost) + " because of a bug in this program (" + typeid(bug).name() + ")",
          "report it together with this line"};
}

void log_internal_fault(std::string_view lost, const std::exception& bug) {
  static Repetitions& repetitions = *new Repetitions;  // a thread may still use it at the end
  const Error error = internal_fault(lost, bug);
  const auto times = repetitions.come(error.detail, system_clock().now());
  if (!times) return;
  log(LogLevel::error, "a part of this program missed an event; all else goes on",
      {{"error", name(error.code)},
       {"reason", std::string_view(error.detail)},
       {"fix", std::string_view(error.fix)},
       {"times", *times}});
}

}  // namespace bearer::base
