#include "net/task.h"

#include <exception>
#include <utility>

namespace bearer::net::detail {
namespace {

thread_local std::exception_ptr kept;

}  // namespace

void keep_exception() noexcept {
  kept = std::current_exception();
  escaping = true;
}

void rethrow_kept() {
  escaping = false;
  std::rethrow_exception(std::exchange(kept, nullptr));
}

}  // namespace bearer::net::detail
