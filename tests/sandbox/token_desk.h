// The token endpoint: every grant for one client (RFC 6749 sections 4 to 6).
#pragma once

#include <atomic>
#include <cstdint>

#include "tests/sandbox/client_check.h"
#include "tests/sandbox/dpop_check.h"
#include "tests/sandbox/grant_check.h"
#include "tests/sandbox/message.h"
#include "tests/sandbox/token_mint.h"
#include "tests/sandbox/token_script.h"

namespace bearer::sandbox {

/// Any method from any thread. `mint`, `script` and `dpop` must outlive the desk.
class TokenDesk {
 public:
  TokenDesk(const ClientOptions& client, const GrantOptions& grants, TokenMint& mint,
            TokenScript& script, DpopCheck& dpop);

  Answer answer(const Request& request);

  /// Token requests taken, whatever came of them.
  std::uint64_t requests() const { return requests_; }

 private:
  Answer grant(const Request& request);

  const ClientCheck client_;
  GrantCheck grants_;
  TokenMint& mint_;
  TokenScript& script_;
  DpopCheck& dpop_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace bearer::sandbox
