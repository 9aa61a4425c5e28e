#include "bench/upstream/tokens.h"

#include <algorithm>

namespace bearer::bench {
namespace {

constexpr std::size_t kTokenBytes = 640;

}  // namespace

const std::string& Tokens::issue(Instant asked) {
  value_ = "bench-" + std::to_string(++issued_) + "-";
  value_.resize(kTokenBytes, 'x');
  tokens_.push_back({"Bearer " + value_, std::min(asked + options_.life, next_revocation(asked))});
  return value_;
}

/// The moments are multiples of the interval since the clock's epoch.
Instant Tokens::next_revocation(Instant after) const {
  const Duration every = options_.revoked_every;
  if (every == Duration::zero()) return Instant::max();
  return Instant((after.time_since_epoch() / every + 1) * every);
}

bool Tokens::accepts(std::string_view credentials, Instant now) {
  while (!tokens_.empty() && tokens_.front().ends <= now) tokens_.pop_front();
  // The newest is nearly always the one.
  return std::any_of(tokens_.rbegin(), tokens_.rend(),
                     [&](const Token& token) { return token.credentials == credentials; });
}

}  // namespace bearer::bench
