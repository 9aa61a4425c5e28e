#include "bench/upstream/tokens.h"

#include <algorithm>

namespace bearer::bench {
namespace {

constexpr std::size_t kTokenBytes = 640;

}  // namespace

const std::string& Tokens::issue(Instant asked) {
  value_ = "bench-" + std::to_string(++issued_) + "-";
  value_.resize(kTokenBytes, 'x');
  tokens_.push_back({"Bearer " + value_, asked + life_});
  return value_;
}

bool Tokens::accepts(std::string_view credentials, Instant now) {
  while (!tokens_.empty() && tokens_.front().ends <= now) tokens_.pop_front();
  // The newest is nearly always the one.
  return std::any_of(tokens_.rbegin(), tokens_.rend(),
                     [&](const Token& token) { return token.credentials == credentials; });
}

}  // namespace bearer::bench
