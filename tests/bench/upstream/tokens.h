// The bearer tokens that the upstream gave out, and which of them are still good.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "bench/peers/poller.h"

namespace bearer::bench {

struct TokenOptions {
  std::chrono::seconds life{3600};
  std::chrono::milliseconds revoked_every{0};  ///< 0: never
};

class Tokens {
 public:
  explicit Tokens(const TokenOptions& options) : options_(options) {}

  /// A new opaque token, as long as a large provider's. Good for its life from `asked` on, or until
  /// the next moment at which all that were asked for so far are revoked.
  const std::string& issue(Instant asked);

  /// `credentials` is the value of an Authorization field. Strict: no grace after the end.
  bool accepts(std::string_view credentials, Instant now);

  std::chrono::seconds life() const { return options_.life; }
  std::size_t issued() const { return issued_; }

 private:
  struct Token {
    std::string credentials;  ///< `Bearer ` and the token
    Instant ends;
  };

  Instant next_revocation(Instant after) const;

  TokenOptions options_;
  std::deque<Token> tokens_;  ///< oldest first
  std::string value_;
  std::size_t issued_ = 0;
};

}  // namespace bearer::bench
