#include "tests/sandbox/grant_check.h"

#include <utility>

#include "tests/sandbox/client_check.h"
#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

GrantVerdict refuse(std::string error, std::string description) {
  return {std::move(error), std::move(description), {}};
}

GrantVerdict not_configured() {
  return refuse("unsupported_grant_type", "this grant is not given here");
}

}  // namespace

GrantCheck::GrantCheck(GrantOptions options)
    : options_(std::move(options)), newest_(options_.refresh_token) {
  if (!options_.public_key.empty()) assertions_ = AssertionCheck::by_key_file(options_.public_key);
}

GrantVerdict GrantCheck::judge(const Request& request, const std::vector<Pair>& form,
                               WallTime now) {
  const std::string_view grant = find(form, "grant_type");
  if (grant == "client_credentials") return {};
  if (grant == "refresh_token") return judge_refresh_token(find(form, "refresh_token"));
  if (grant == "password") return judge_password(form);
  if (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    return judge_assertion(find(form, "assertion"), request, now);
  }
  if (grant == "urn:ietf:params:oauth:grant-type:token-exchange") {
    return judge_exchange(form, request, now);
  }
  return not_configured();
}

GrantVerdict GrantCheck::judge_refresh_token(std::string_view token) {
  const std::lock_guard lock(mutex_);
  if (options_.refresh_token.empty()) return not_configured();
  const bool known = !newest_.empty() && !token.empty() && (token == newest_ || token == before_);
  if (!known) {
    newest_.clear();  // somebody has a copy: RFC 9700 section 4.14.2
    before_.clear();
    return refuse("invalid_grant", "the refresh token has been used, or never was one");
  }
  if (token == newest_) before_ = newest_;
  newest_ = to_hex(random_bytes(16));
  return {.refresh_token = newest_};
}

GrantVerdict GrantCheck::judge_password(const std::vector<Pair>& form) const {
  if (options_.user.empty()) return not_configured();
  const bool right = find(form, "username") == options_.user &&
                     equal_in_constant_time(find(form, "password"), options_.password);
  return right ? GrantVerdict() : refuse("invalid_grant", "the user or the password is wrong");
}

GrantVerdict GrantCheck::judge_assertion(std::string_view assertion, const Request& request,
                                         WallTime now) {
  if (!assertions_) return not_configured();
  const AssertionRules rules{.audience = endpoint_of(request)};
  const std::string wrong = assertions_->judge(assertion, rules, now);
  return wrong.empty() ? GrantVerdict() : refuse("invalid_grant", "the assertion: " + wrong);
}

GrantVerdict GrantCheck::judge_exchange(const std::vector<Pair>& form, const Request& request,
                                        WallTime now) {
  if (!assertions_) return not_configured();
  if (find(form, "subject_token_type") != "urn:ietf:params:oauth:token-type:jwt") {
    return refuse("invalid_request", "the subject token is no JWT");
  }
  const AssertionRules rules{.audience = endpoint_of(request), .once = false};
  const std::string wrong = assertions_->judge(find(form, "subject_token"), rules, now);
  return wrong.empty() ? GrantVerdict() : refuse("invalid_request", "the subject token: " + wrong);
}

}  // namespace bearer::sandbox
