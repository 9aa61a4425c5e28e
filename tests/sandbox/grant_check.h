// The grant of a token request is checked strictly against what was configured.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/sandbox/assertion_check.h"
#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// A grant of which nothing is configured is not granted, but client_credentials always is.
struct GrantOptions {
  std::string refresh_token = {};  ///< the first one; each use gives the next
  std::string user = {}, password = {};
  std::string public_key = {};  ///< PEM file: signs assertions and subject tokens
};

struct GrantVerdict {
  std::string error = {};  ///< of RFC 6749 section 5.2; empty: granted
  std::string description = {};
  std::string refresh_token = {};  ///< the next one, where there is one
};

/// Any method from any thread.
class GrantCheck {
 public:
  /// Throws std::runtime_error if there is no public key in its file.
  explicit GrantCheck(GrantOptions options);

  GrantVerdict judge(const Request& request, const std::vector<Pair>& form, WallTime now);

 private:
  GrantVerdict judge_refresh_token(std::string_view token);
  GrantVerdict judge_password(const std::vector<Pair>& form) const;
  GrantVerdict judge_assertion(std::string_view assertion, const Request& request, WallTime now);
  GrantVerdict judge_exchange(const std::vector<Pair>& form, const Request& request, WallTime now);

  const GrantOptions options_;
  std::unique_ptr<AssertionCheck> assertions_;
  std::mutex mutex_;
  /// The newest refresh token, and the one before it: that one may be used until the newest is, for
  /// a client that never got the answer (RFC 9700 section 4.14.2). Any older one ends the grant.
  std::string newest_, before_;
};

}  // namespace bearer::sandbox
