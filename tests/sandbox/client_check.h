// Authenticates the client of a token request (RFC 6749 section 2.3.1, RFC 7523 section 2.2, RFC
// 8705 section 2), by one method and no other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/assertion_check.h"
#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct ClientOptions {
  std::string id = "sandbox";
  std::string secret = "sandbox-secret";
  bool basic_is_form_encoded = true;  ///< as the RFC says; many servers take the bytes as they are
  /// `client_secret_jwt`, `private_key_jwt`, `tls_client_auth` or `none`; empty: the secret by
  /// Basic or in the form. For tls_client_auth the connection has shown its certificate.
  std::string method = {};
  std::string public_key = {};  ///< PEM file, for private_key_jwt
};

enum class ClientVerdict {
  accepted,
  missing,    ///< neither Basic nor parameters
  malformed,  ///< Basic that cannot be read
  ambiguous,  ///< both ways at once
  wrong,
};

/// Any method from any thread.
class ClientCheck {
 public:
  /// Throws std::runtime_error if there is no public key where there must be one.
  explicit ClientCheck(ClientOptions options);

  const ClientOptions& options() const { return options_; }

  ClientVerdict judge(const Request& request, const std::vector<Pair>& form, WallTime now) const;

 private:
  ClientVerdict judge_assertion(const Request& request, const std::vector<Pair>& form,
                                WallTime now) const;

  const ClientOptions options_;
  std::unique_ptr<AssertionCheck> assertions_;
};

/// The token endpoint's URL without its scheme, as the client names it.
std::string endpoint_of(const Request& request);

/// By the Authorization field or by `client_id` and `client_secret` in the form.
ClientVerdict check_client(const ClientOptions& options, std::string_view authorization,
                           const std::vector<Pair>& form);

}  // namespace bearer::sandbox
