// Counts requests by their method and by the status that their client got. Each status has its own
// count, also one that nobody has registered, and so has each registered method.
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "base/count.h"
#include "http/message.h"

namespace bearer::relay {

/// A method as it is counted: an index of kCountedMethods.
using CountedMethod = std::uint8_t;

/// The methods that are counted by name: first those of http::Method, by their number, then
/// http::kFurtherMethods. A method that is not registered is counted as `other`.
inline constexpr auto kCountedMethods = [] {
  std::array<std::string_view, http::kMethodNames.size() + http::kFurtherMethods.size()> names{};
  std::size_t size = 0;
  for (const std::string_view name : http::kMethodNames) names[size++] = name;
  for (const std::string_view name : http::kFurtherMethods) names[size++] = name;
  return names;
}();

/// `text` is looked at only if `method` is `other`.
CountedMethod counted_method(http::Method method, std::string_view text);

struct MethodAndStatus {
  CountedMethod method = 0;
  int status = 0;  ///< 0: the client left before it got an answer
  auto operator<=>(const MethodAndStatus&) const = default;
};

/// The counts up to some moment. Those that are 0 are not in it.
using RequestTotals = std::map<MethodAndStatus, std::uint64_t>;

/// One thread adds, without a lock, and any thread reads. Most routes see a few kinds, and there
/// may be a thousand routes, so a kind takes memory from its first request on.
class RequestCounts {
 public:
  RequestCounts() = default;
  RequestCounts(const RequestCounts&) = delete;
  RequestCounts& operator=(const RequestCounts&) = delete;
  ~RequestCounts();

  void add(MethodAndStatus kind);
  RequestTotals read() const;
  bool empty() const { return !first_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    explicit Entry(MethodAndStatus its_kind) : kind(its_kind) { count.add(); }

    const MethodAndStatus kind;
    base::Count count;
    std::atomic<Entry*> next = nullptr;
  };
  std::atomic<Entry*> first_ = nullptr;  ///< a list, owned; the kind that came first is first
};

}  // namespace bearer::relay
