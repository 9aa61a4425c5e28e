// Authenticates the client of a token request (RFC 6749 section 2.3.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct ClientOptions {
  std::string id = "sandbox";
  std::string secret = "sandbox-secret";
  bool basic_is_form_encoded = true;  ///< as the RFC says; many servers take the bytes as they are
};

enum class ClientVerdict {
  accepted,
  missing,    ///< neither Basic nor parameters
  malformed,  ///< Basic that cannot be read
  ambiguous,  ///< both ways at once
  wrong,
};

/// By the Authorization field or by `client_id` and `client_secret` in the form.
ClientVerdict check_client(const ClientOptions& options, std::string_view authorization,
                           const std::vector<Pair>& form);

}  // namespace bearer::sandbox
