#include "app/status_line.h"

#include <utility>

#include "base/text.h"

namespace bearer::app {
namespace {

constexpr std::size_t kReasonCharsMax = 200;

std::string line_of(const std::string& name, const token::State& state, const base::Clock& clock) {
  const base::Instant now = clock.now();
  std::string line = name + ": ";
  line += state.valid(now)
              ? "token until " + base::format_utc(clock.wall() + (state.token->expires - now))
              : "no token";
  if (!state.reason.empty()) line += " (" + base::printable(state.reason, kReasonCharsMax) + ")";
  return line;
}

}  // namespace

void StatusLine::follow(CredentialSet::Refreshers refreshers) {
  if (!manager_.listens()) return;
  subscriptions_.clear();
  refreshers_ = std::move(refreshers);
  for (const auto& [name, refresher] : refreshers_) {
    subscriptions_.push_back(refresher->subscribe([this] { tell(); }));
  }
  tell();
}

void StatusLine::tell() const {
  std::string line;
  for (const auto& [name, refresher] : refreshers_) {
    line += (line.empty() ? "" : "; ") + line_of(name, refresher->state(), clock_);
  }
  manager_.status(line);
}

}  // namespace bearer::app
