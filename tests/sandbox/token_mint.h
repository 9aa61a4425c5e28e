// Makes access tokens and judges them.
//
// A token holds its serial number and its expiry under a MAC, so that nothing is stored for it; a
// revocation is a serial number below which nothing is valid any more.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct MintOptions {
  bool is_jwt = true;  ///< else opaque
  Milliseconds lifetime{86'400'000};
  Milliseconds revoke_every{0};  ///< all tokens issued so far, again and again; 0 = never
};

/// A request gets a 401 for one of these, or none.
enum class Verdict { valid, none, unknown, expired, revoked };

/// The credentials of an Authorization field; nullopt if they are of another scheme than `scheme`,
/// which is in lower case.
std::optional<std::string_view> credentials(std::string_view authorization,
                                            std::string_view scheme);

/// Any method from any thread. Times are handed in.
class TokenMint {
 public:
  TokenMint(const MintOptions& options, WallTime start);

  /// `key` is the thumbprint of the key that the token is bound to; empty: it is not bound.
  std::string issue(std::string_view client_id, WallTime now, std::string_view key = {});

  /// Judges the credentials in an Authorization field; `none` if they are of another scheme, or a
  /// bound token as Bearer.
  Verdict judge(std::string_view authorization, WallTime now, std::string_view scheme = "bearer");

  /// The key that a token of this mint is bound to; empty: none.
  std::string key_of(std::string_view token) const;

  /// All tokens issued so far.
  void revoke();

  Milliseconds lifetime() const { return options_.lifetime; }
  std::uint64_t issued() const;
  std::uint64_t revocations() const;

 private:
  struct Claims {
    std::uint64_t serial;
    std::int64_t expires_ms;  ///< since the epoch
    std::string key = {};     ///< see issue()
  };

  std::string seal(const Claims& claims, std::string_view client_id, WallTime now) const;
  std::optional<Claims> open(std::string_view token) const;
  void revoke_if_due(WallTime now);  ///< REQUIRES: mutex_

  const MintOptions options_;
  const std::string key_;

  mutable std::mutex mutex_;
  std::uint64_t next_serial_ = 1;
  std::uint64_t first_valid_serial_ = 1;
  std::uint64_t revocations_ = 0;
  WallTime next_revocation_;
};

}  // namespace bearer::sandbox
