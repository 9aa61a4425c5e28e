// Decides which requests meet a fault, by a seeded rate.
//
// The n-th arrival of the same request always meets the same fate: it depends on the seed, the
// request and n, not on what else arrives meanwhile. So a run can be repeated, and a client that
// retries is not at the mercy of the order in which threads happen to run.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// `after`: the request is carried out, and the answer is a 500, 502, 504 or a reset.
enum class Fault { none, unauthorized, rate_limited, server_error, reset, delayed, after };

/// As the stats and the `--faults` flag call it: `401`, `429`, `5xx`, `reset`, `delay`,
/// `after`.
std::string_view name(Fault fault);

struct FaultOptions {
  std::uint64_t seed = 1;
  double unauthorized = 0;  ///< each a share of the requests, 0 to 1
  double rate_limited = 0;
  double server_error = 0;
  double reset = 0;
  double delayed = 0;
  double after = 0;
  Milliseconds delay{300};
  std::uint64_t in_a_row_max = 0;  ///< faults that the same request meets in a row; 0 = no limit
};

/// Reads `seed=7,429=5%,5xx=5%,reset=1%,401=1%,delay=2%,delay-ms=300,after=1%,in-a-row=3`. Each
/// part is optional. Throws std::invalid_argument that names the part it cannot read.
FaultOptions parse_faults(std::string_view text);

/// A fault and the bits that choose its variant.
struct Draw {
  Fault fault = Fault::none;
  std::uint64_t variant = 0;
};

/// Any method from any thread.
class Faults {
 public:
  explicit Faults(const FaultOptions& options) : options_(options) {}

  /// For the next arrival of the request that `key` stands for.
  Draw draw(std::string_view key);

 private:
  struct Past {
    std::uint64_t arrivals = 0;
    std::uint64_t faults_in_a_row = 0;
  };

  Fault pick(double chance) const;

  const FaultOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Past> past_;
};

/// Returns the answer of a drawn fault. REQUIRES: a fault other than `none` and `delayed`.
Answer fault_answer(const Draw& draw);

}  // namespace bearer::sandbox
