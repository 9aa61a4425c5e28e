// Verifies a signed assertion (RFC 7515, RFC 7519, RFC 7523 section 3) by OpenSSL's own means, and
// takes each one once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// An assertion must say this.
struct AssertionRules {
  std::string issuer = {};   ///< empty: any, but one
  std::string subject = {};  ///< empty: any, but one
  std::string audience;      ///< the token endpoint's URL without its scheme
  bool once = true;          ///< it has a `jti` that did not come before, and lives 5 min at most
};

/// Any method from any thread.
class AssertionCheck {
 public:
  /// RS256, PS256, ES256 or EdDSA by the public key in a PEM file. Throws std::runtime_error if
  /// there is none in it.
  static std::unique_ptr<AssertionCheck> by_key_file(const std::string& path);
  /// HS256 by a shared secret.
  static std::unique_ptr<AssertionCheck> by_secret(std::string secret);

  /// Says what is wrong with it; empty if it is good.
  std::string judge(std::string_view compact, const AssertionRules& rules, WallTime now);

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  AssertionCheck(Key key, std::string secret) : key_(std::move(key)), secret_(std::move(secret)) {}
  bool is_signed(std::string_view algorithm, std::string_view message,
                 const std::string& signature) const;
  bool seen(const std::string& jti, WallTime until, WallTime now);

  const Key key_;
  const std::string secret_;
  std::mutex mutex_;
  std::map<std::string, WallTime> seen_;  // by jti, until it has ended
};

}  // namespace bearer::sandbox
