// Bugs of this program that are met where others can go on without what they cost.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bearer::base {

/// Errc::internal_fault: `lost` says what the bug has cost, such as `the token could not be
/// fetched`. The error names the exception's type, not its text, which may quote what it met, such
/// as a token.
Error internal_fault(std::string_view lost, const std::exception& bug);

/// Logs it, with internal_fault(). What recurs is logged as Repetitions says. Any thread.
[[gnu::cold]] void log_internal_fault(std::string_view lost, const std::exception& bug);

/// Calls `tell`, which tells one of several parts of an event. An exception that escapes from it,
/// which is a bug of ours, costs that part this one event, and is logged: the others, and the
/// caller, have nothing to do with it. Only std::bad_alloc goes on. `lost` is as above.
template <typename Tell>
void notify(std::string_view lost, Tell&& tell) {
  try {
    tell();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& bug) {
    log_internal_fault(lost, bug);
  }
}

}  // namespace bearer::base
