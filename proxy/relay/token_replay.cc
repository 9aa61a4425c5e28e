#include "relay/token_replay.h"

namespace bearer::relay {

Decision TokenReplay::judge(const Outcome& outcome) const {
  if (outcome.insufficient_scope) return {Action::relay, {}, Reason::insufficient_scope};
  if (stage_ == Stage::fresh) return {Action::relay, {}, Reason::second_401};
  if (outcome.unkept) return {Action::relay, {}, no_body(*outcome.unkept)};
  return {Action::refresh, {}, Reason::none};
}

void TokenReplay::begin(base::Instant refused_at, const token::Token& next) {
  const bool fresh = next.asked >= refused_at || stage_ != Stage::none;
  stage_ = fresh ? Stage::fresh : Stage::newer;
}

// A fault, a 429 or a 5xx says nothing of the token, but ends the replay all the same: a token that
// is revoked while we back off has a replay of its own.
std::optional<bool> TokenReplay::end(const Outcome& outcome) {
  if (stage_ == Stage::none) return std::nullopt;
  const bool silent = outcome.fault || outcome.status >= 500 || outcome.status == 429 ||
                      (outcome.refused && stage_ == Stage::newer);
  if (!outcome.refused) stage_ = Stage::none;
  if (silent) return std::nullopt;
  return !outcome.refused;
}

}  // namespace bearer::relay
