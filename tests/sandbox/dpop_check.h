// Judges DPoP proofs (RFC 9449 section 4.3), by means of its own: nothing of the proxy's.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct DpopOptions {
  bool required = false;       ///< of token requests and of the API's
  Milliseconds nonce_life{0};  ///< another nonce after that; the one before is taken, too. 0: none
};

struct DpopVerdict {
  std::string error = {};        ///< as RFC 9449 names it; empty: the proof is good
  std::string description = {};  ///< which part is wrong
  std::string thumbprint = {};   ///< of its key (RFC 7638)
};

/// Any method from any thread. Times are handed in.
class DpopCheck {
 public:
  explicit DpopCheck(const DpopOptions& options);

  bool required() const { return options_.required; }
  /// `token` is empty for a token request. A good proof is taken once.
  DpopVerdict judge(const Request& request, std::string_view token, WallTime now);
  /// That is to be in the next proof; empty: none.
  std::string nonce(WallTime now) const;

  /// Counts the proofs that were good, that lacked the nonce, and that came a second time.
  nlohmann::ordered_json to_json() const;

 private:
  DpopVerdict judge_proof(const Request& request, std::string_view token, WallTime now);
  bool knows(const std::string& nonce, WallTime now) const;
  /// False for one that came before.
  bool take(const std::string& jti, WallTime now);

  const DpopOptions options_;
  const std::string secret_;  ///< of the nonces

  mutable std::mutex mutex_;
  std::map<std::string, WallTime> seen_;  ///< until when
  std::uint64_t good_ = 0, without_nonce_ = 0, twice_ = 0, bad_ = 0;
};

}  // namespace bearer::sandbox
