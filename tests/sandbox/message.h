// Messages go in and out of the sandbox as plain values: no handler knows the HTTP library.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearer::sandbox {

using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::system_clock::time_point;

/// A field of a head, or a parameter of a query or form: name and value, decoded.
using Pair = std::pair<std::string, std::string>;

/// The value of the first pair of that name, case counting; empty if there is none.
std::string_view find(const std::vector<Pair>& pairs, std::string_view name);

/// A Request keeps so much of a body; the digest and the size cover all of it.
inline constexpr std::size_t kBodyKeptMax = 1 << 20;

struct Request {
  std::string method;
  std::string target;  ///< as it came
  std::string path;    ///< of the target, not decoded
  std::vector<Pair> query;
  std::vector<Pair> fields;  ///< in the order of their names
  std::string authorization;
  std::string range;     ///< the Range field
  std::string if_range;  ///< the If-Range field
  std::string origin;    ///< the sandbox's own, as the client's Host names it: http://HOST
  std::string body;      ///< its first kBodyKeptMax bytes
  std::uint64_t body_size = 0;
  std::string body_sha256;  ///< in hex
};

/// A body is cut there: the connection ends after so many of its bytes.
struct Cut {
  std::uint64_t after = 0;
  bool resets = false;  ///< with a RST, which may take the last bytes along; else with a FIN
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  std::vector<Pair> fields = {};

  /// Bytes of the pattern to send in place of `body`: byte i of it is pattern_byte(pattern_start +
  /// i).
  std::size_t pattern_size = 0;
  std::uint64_t pattern_start = 0;
  std::optional<Cut> cut = {};  ///< of a pattern that is not chunked
  bool chunked = false;

  Milliseconds delay{0};  ///< before the first byte of the answer
  bool reset = false;     ///< no answer at all: the connection is reset
};

/// Its period is a prime number, so that no block that went missing or came twice can hide.
constexpr char pattern_byte(std::uint64_t index) {
  constexpr std::string_view kPattern =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY";
  static_assert(kPattern.size() == 61);
  return kPattern[index % kPattern.size()];
}

/// Some 100 KiB of the pattern, beginning with pattern_byte(offset).
std::string_view pattern_from(std::uint64_t offset);

using Handler = std::function<Answer(const Request&)>;

}  // namespace bearer::sandbox
