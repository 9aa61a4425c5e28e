#include "relay/token_replay.h"

#include <algorithm>

namespace bearer::relay {

Decision TokenReplay::judge(const Outcome& outcome, const Situation& situation) const {
  if (outcome.insufficient_scope) return {Action::relay, {}, Reason::insufficient_scope};
  if (stage_ == Stage::fresh) return {Action::relay, {}, Reason::second_401};
  if (situation.unkept) return {Action::relay, {}, no_body(*situation.unkept)};
  return {Action::refresh, {}, Reason::none};
}

void TokenReplay::reject(const token::Token& token, base::Instant at) {
  rejected_ = std::max(rejected_, token.generation);
  rejected_at_ = at;
}

void TokenReplay::begin(const token::Token& newer) {
  // A replay with the former token says nothing about a token that is newer than both.
  const bool fresh = newer.asked >= rejected_at_ || stage_ == Stage::newer;
  stage_ = fresh ? Stage::fresh : Stage::newer;
}

// A fault, a 429 or a 5xx says nothing about the token, but ends the replay all the same: if a
// token is revoked while we back off, it gets a replay of its own.
std::optional<bool> TokenReplay::end(const Outcome& outcome) {
  if (stage_ == Stage::none || outcome.nonce_asked) return std::nullopt;
  const int status = outcome.judged_status();
  const bool silent = outcome.fault || status >= 500 || status == 429 || stage_ == Stage::former ||
                      (outcome.rejected && stage_ == Stage::newer);
  if (!outcome.rejected) stage_ = Stage::none;
  if (silent) return std::nullopt;
  return !outcome.rejected;
}

}  // namespace bearer::relay
