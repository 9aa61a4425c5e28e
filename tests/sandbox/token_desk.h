// The token endpoint: client_credentials for one client (RFC 6749 sections 4.4 and 5).
#pragma once

#include <atomic>
#include <cstdint>

#include "tests/sandbox/client_check.h"
#include "tests/sandbox/message.h"
#include "tests/sandbox/token_mint.h"
#include "tests/sandbox/token_script.h"

namespace bearer::sandbox {

/// Any method from any thread. `mint` and `script` must outlive the desk.
class TokenDesk {
 public:
  TokenDesk(const ClientOptions& client, TokenMint& mint, TokenScript& script);

  Answer answer(const Request& request);

  /// Token requests taken, whatever came of them.
  std::uint64_t requests() const { return requests_; }

 private:
  Answer grant(const Request& request);

  const ClientOptions client_;
  TokenMint& mint_;
  TokenScript& script_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace bearer::sandbox
