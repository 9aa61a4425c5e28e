// A JWT in which its signer makes claims about itself to a token endpoint (RFC 7523 section 3).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "token/credential.h"
#include "token/oauth/signing_key.h"

namespace bearer::token {

inline constexpr base::Duration kAssertionLife = std::chrono::seconds(60);

struct Assertion {
  std::string issuer, subject, audience;  ///< each of them, and the scope, is left out if empty
  std::string scope = {};
  std::string key_id = {};       ///< the header's `kid`; empty: the key's own, if any
  std::string certificate = {};  ///< DER: its thumbprints name the key as `x5t` and `x5t#S256`
  std::vector<std::pair<std::string, std::string>> claims = {};  ///< see CredentialOptions
  base::Duration backdated{};  ///< how long before `now` it was issued, for clocks that are ahead
};

/// Returns a compact JWS. Its `jti` is unique, so no two are alike. Errors are the key's.
base::Result<base::Secret> sign_assertion(const Assertion& assertion, const SigningKey& key,
                                          base::WallTime now);

/// The same with a key that is given as text, as by `setting` in the file `path`, which the error
/// names. Errc::file_unreadable.
base::Result<base::Secret> sign_with_text(const Assertion& assertion, const base::Secret& key_text,
                                          JwsAlgorithm algorithm, const std::string& path,
                                          std::string_view setting, base::WallTime now);

/// The server an assertion is for: assertion_audience, the issuer, or the token endpoint's URL.
std::string assertion_audience(const CredentialOptions& options);

}  // namespace bearer::token
