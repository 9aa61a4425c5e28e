// The nonce that an upstream wants in the proofs of its requests (RFC 9449 section 9), as one loop
// knows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::relay {

class DpopNonce {
 public:
  /// The upstream's latest nonce; empty if it has sent none yet.
  const std::string& value() const { return value_; }
  /// Changes with each new value.
  std::uint64_t number() const { return number_; }

  /// Takes the nonce of a response, see http::dpop_nonce(); empty if the response brought none.
  void learn(std::string_view nonce) {
    if (nonce.empty() || nonce == value_) return;
    value_ = nonce;
    ++number_;
  }

 private:
  std::string value_;
  std::uint64_t number_ = 0;
};

}  // namespace bearer::relay
