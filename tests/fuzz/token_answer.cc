// A token endpoint's answer. The first line is its status and content type, the rest its body.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "tests/fuzz/target.h"
#include "tests/support/owned_clock.h"
#include "token/expiry.h"
#include "token/oauth/error_response.h"
#include "token/oauth/response.h"

namespace bearer::fuzz {
namespace {

using base::Errc;
using nlohmann::json;

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string text_at(const json& body, const char* name) {
  if (!body.is_object() || !body.contains(name) || !body[name].is_string()) return {};
  return body[name].get<std::string>();
}

/// True if a failure may hold the text without having it from the token: it says what it found of
/// the content type, and words of its own.
bool may_be_words(std::string_view token, const token::Answer& answer) {
  return token.size() < 20 || token.find(' ') != token.npos ||
         answer.content_type.find(token) != std::string::npos;
}

void check_failure(const base::Error& failure, const token::Answer& answer,
                   const std::string& token) {
  const std::string shown = failure.sentence();
  check(printable(shown), "what is told of a failure is printable");
  check(shown.size() < 2000, "and bounded");
  check(failure.code == Errc::token_malformed || failure.code == Errc::token_rejected ||
            failure.code == Errc::token_rate_limited || failure.code == Errc::token_server_error,
        "a failure is one of an answer's");
  // A server that quotes the token as its error's description is its own trouble.
  const bool quoted = failure.code != Errc::token_malformed;
  check(quoted || may_be_words(token, answer) || shown.find(token) == std::string::npos,
        "no token is shown");
}

void check_token(const token::TokenResponse& response, const token::Answer& answer) {
  const std::string_view value = response.access_token.reveal();
  check(token::is_token(value) && value.size() <= token::kTokenBytesMax,
        "a token can be written into a head");
  check(std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; }),
        "and breaks no line there");
  check(printable(response.scope) && response.scope.size() <= token::kScopeCharsMax,
        "a scope is printable and bounded");
  check(!response.expires_in || (*response.expires_in >= base::Duration::zero() &&
                                 *response.expires_in <= token::kLifetimeMax),
        "a lifetime is bounded");
  const test::OwnedClock clock;
  const auto fetched = token::with_expiry(
      response, {.sent = clock.now(), .wall = clock.wall(), .date = answer.date}, clock, "");
  if (!fetched) return;
  check(fetched->expires > clock.now() && fetched->lifetime() <= token::kLifetimeMax,
        "a token that is used has a bounded life ahead");
  check(!response.expires_in || fetched->lifetime() <= *response.expires_in,
        "no token lives longer than its expires_in");
}

/// A command may print the same as an endpoint answers.
void check_same_from_command(const token::Answer& answer, const token::TokenResponse& response) {
  const auto printed = token::parse_token(answer.body, {}, {"it", ""});
  check(printed && printed->access_token == response.access_token &&
            printed->expires_in == response.expires_in && printed->scope == response.scope,
        "a command's token response is read like an endpoint's");
}

base::Result<token::TokenResponse> parse(const token::Answer& answer,
                                         const token::AnswerMembers& members) {
  return token::parse_response(answer, {}, members, token::TokenUse::bearer,
                               token::kSecretSettings);
}

void run(std::string_view bytes) {
  std::string_view line = base::take_until(bytes, '\n');
  token::Answer answer;
  const auto status = base::parse_decimal(base::take_until(line, ' '));
  answer.status = status && *status >= 200 && *status < 600 ? static_cast<int>(*status) : 200;
  answer.content_type = line;
  answer.body = base::Secret(std::string(bytes));
  answer.date = std::chrono::sys_seconds(std::chrono::seconds(1'767'225'600));

  const json body = json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  const std::string token = text_at(body, "access_token");
  const auto response = parse(answer, {});
  if (response) {
    check(answer.status / 100 == 2, "no token but of a 2xx");
    check(token.find(response->access_token.reveal()) != token.npos,
          "two readers see the same token, with its scheme or without");
    check_token(*response, answer);
    check_same_from_command(answer, *response);
  } else {
    check_failure(response.error(), answer, token);
  }
  const auto nested = parse(answer, {.token = "data.token", .expiry = "data.end"});
  if (nested) {
    check_token(*nested, answer);
  } else {
    check(printable(nested.error().sentence()), "what is told of a member is printable");
  }
  const std::string rotated = answer.status / 100 == 2 ? text_at(body, "refresh_token") : "";
  check(token::rotated_refresh_token(answer, {}).reveal() == rotated,
        "a rotated token is never lost");
}

const Registration registration("token_answer", run);

}  // namespace
}  // namespace bearer::fuzz
