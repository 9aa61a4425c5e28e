// The bearer tokens that the upstream gave out, and which of them are still good.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "bench/peers/poller.h"

namespace bearer::bench {

class Tokens {
 public:
  explicit Tokens(std::chrono::seconds life) : life_(life) {}

  /// A new opaque token, as long as a large provider's. Good for `life` from `asked`.
  const std::string& issue(Instant asked);

  /// `credentials` is the value of an Authorization field. Strict: no grace after the end.
  bool accepts(std::string_view credentials, Instant now);

  std::chrono::seconds life() const { return life_; }
  std::size_t issued() const { return issued_; }

 private:
  struct Token {
    std::string credentials;  ///< `Bearer ` and the token
    Instant ends;
  };

  std::chrono::seconds life_;
  std::deque<Token> tokens_;  ///< oldest first
  std::string value_;
  std::size_t issued_ = 0;
};

}  // namespace bearer::bench
