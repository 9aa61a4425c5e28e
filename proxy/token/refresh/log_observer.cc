#include "token/refresh/log_observer.h"

#include <string>

#include "base/log.h"
#include "base/text.h"

namespace bearer::token {
namespace {

using base::LogLevel;

double seconds(base::Duration duration) {
  return base::seconds(duration, std::chrono::milliseconds(1));
}

std::int64_t number(std::uint64_t generation) {
  return static_cast<std::int64_t>(generation);
}

std::string rejection(const LogObserver::Inputs& inputs) {
  std::string text = "the token endpoint refuses the credential; tried again";
  if (inputs.in_files) text += ", and at once when its secret's file changes";
  if (inputs.in_environment) {
    text += inputs.in_files ? "; a secret" : "; its secret";
    text += " is from the environment: another one there needs a restart";
  }
  return text;
}

}  // namespace

void LogObserver::fetched(const Fetched& token, std::uint64_t generation, base::Duration expires_in,
                          base::Duration renews_in) {
  rejection_said_.clear();
  const std::string expires = base::format_utc(clock_.wall() + expires_in);
  const std::string_view scope = token.scope.empty() ? "not said" : std::string_view(token.scope);
  base::log(LogLevel::info, token.shared ? "token taken from the store" : "token fetched",
            {{"credential", credential_},
             {"generation", number(generation)},
             {"lifetime_s", seconds(token.lifetime())},
             {"expires", std::string_view(expires)},
             {"expires_in_s", seconds(expires_in)},
             {"renews_in_s", seconds(renews_in)},
             {"scope", scope}});
  if (token.remark.empty() || token.remark == remark_said_) return;
  remark_said_ = token.remark;
  base::log(LogLevel::warning, token.remark, {{"credential", credential_}});
}

void LogObserver::failed(const base::Error& failure, base::Duration next_try_in) {
  const bool rejected = is_rejection(failure.code);
  LogLevel level = LogLevel::warning;
  if (rejected) level = rejection_said_ == failure.detail ? LogLevel::debug : LogLevel::error;
  rejection_said_ = rejected ? failure.detail : std::string();
  base::log(level, rejected ? rejection(inputs_) : "no token could be fetched; tried again",
            {{"credential", credential_},
             {"error", base::name(failure.code)},
             {"reason", std::string_view(failure.detail)},
             {"fix", std::string_view(failure.fix)},
             {"next_try_in_s", seconds(next_try_in)}});
}

void LogObserver::forced(std::uint64_t generation) {
  base::log(LogLevel::info, "the upstream answered 401: a new token is fetched",
            {{"credential", credential_}, {"generation", number(generation)}});
}

void LogObserver::held_off(std::uint64_t generation, base::Duration hold_off) {
  base::log(LogLevel::warning,
            "the upstream answered 401 to a fresh token too: 401s are relayed for a while; check "
            "scope and the client's permissions; where another process gets tokens for the same "
            "client, and each ends the other's, share them with token_store",
            {{"credential", credential_},
             {"generation", number(generation)},
             {"hold_off_s", seconds(hold_off)}});
}

void LogObserver::hold_off_ended() {
  base::log(LogLevel::info, "the upstream takes the token again: 401s force a fetch again",
            {{"credential", credential_}});
}

}  // namespace bearer::token
