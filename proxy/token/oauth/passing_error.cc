#include "token/oauth/passing_error.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"

namespace bearer::token {
namespace {

/// Words in lower case, with a blank between them. `*` stands for the end of a word, `#` for a
/// number, `~` for up to four words, and `@` for a word that means another try.
using Phrase = std::string_view;

constexpr std::size_t kGapWordsMax = 4;

/// Codes that are refusals whatever is said beside them. Other codes are used for everything:
/// Salesforce sends `invalid_grant` for a rate.
constexpr std::string_view kDefinite[] = {
    "invalid_client",       "unauthorized_client", "invalid_scope",  "unsupported_grant_type",
    "invalid_target",       "consent_required",    "login_required", "use_dpop_nonce",
    "interaction_required", "invalid_dpop_proof",
};

/// Errors that a provider documents as eventual consistency.
constexpr Phrase kEventual[] = {
    // Microsoft Entra: application, service principal, secret, federated credential
    // (learn.microsoft.com/entra/identity-platform/reference-error-codes).
    "aadsts700016",
    "aadsts7000229",
    "aadsts7000215",
    "aadsts70021",
    "aadsts700211",
    "aadsts700212",
    "aadsts700213",
    // Google: a new key of a service account is known after 60 s or more
    // (cloud.google.com/iam/docs/keys-create-delete).
    "invalid jwt signature",
};

/// Codes alone: as a part of a sentence, these words say less.
constexpr Phrase kRateCodes[] = {"rate limit*", "ratelimit*", "throttl*", "slow down", "slowdown"};
constexpr Phrase kFaultCodes[] = {
    // RFC 6749 section 4.1.2.1 defines these two; some token endpoints send them.
    "server error", "temporarily unavailable",
    // Others.
    "internal error", "service unavailable", "temporary", "busy", "overloaded", "retry later",
    "try again"};

constexpr Phrase kRates[] = {
    "aadsts50196",  // Microsoft Entra: the same client asked for the same token in a loop
    "rate ~ exceeded",
    "rate limit* ~ reached",
    "rate limit* ~ hit",
    "rate limited",
    "exceed* ~ rate limit*",
    "exceed* ~ allowed rate",
    "exceed* ~ maximum rate",
    "exceed* ~ rate of",
    "reached ~ rate limit*",
    "hit ~ rate limit*",
    "request rate",
    "login rate",
    "rate of requests",
    "rate too high",
    "rate is too high",
    "too many ~ requests",
    "too many ~ calls",
    "too many ~ attempts",
    "too many ~ logins",
    "too many ~ tries",
    "too many ~ retries",
    "toomanyrequests",
    "too frequent*",
    "too fast",
    "too quickly",
    "throttled",
    "throttling exception",
    "request* limit exceeded",
    "request* limit reached",
    "call* limit exceeded",
    "requests exceeded",
    "logins exceeded",
    "exceed* ~ requests",
    "exceed* ~ logins",
    "requests per second",
    "requests per minute",
    "requests per hour",
    "slow down",
};

/// Sentences that name a later time, or a fault that ends.
constexpr Phrase kFaults[] = {
    "@ ~ later",
    "@ ~ shortly",
    "@ ~ soon",
    "@ ~ momentarily",
    "@ ~ tomorrow",
    "@ ~ sometime",
    "@ ~ in one",
    "@ ~ in #",
    "@ ~ in some time",
    "@ ~ in few",
    "@ ~ in a few",
    "@ ~ in a moment",
    "@ ~ in a minute",
    "@ ~ in a while",
    "@ ~ after #",
    "@ ~ after some time",
    "@ ~ after a few",
    "@ ~ after a moment",
    "@ ~ after a minute",
    "@ ~ after a while",
    "wait ~ before",
    "wait ~ @",
    "error occurred @",
    "error occurred please @",
    "error has occurred @",
    "error has occurred please @",
    "went wrong @",
    "went wrong please @",
    "transient",
    "temporary error",
    "temporary failure",
    "temporary problem",
    "temporary issue",
    "temporarily unavailable",
    "temporarily overloaded",
    "service unavailable",
    "is busy",
    "system busy",
    "overloaded",
};

/// The advice alone, which refusals give, too: see kInputs.
constexpr Phrase kAdvice[] = {"retry", "try ~ again"};

/// These words refuse.
constexpr Phrase kRefusals[] = {
    "expired",
    "revoked",
    "invalid",
    "incorrect",
    "wrong password",
    "wrong user*",
    "wrong client*",
    "wrong credential*",
    "wrong secret",
    "wrong key",
    "wrong code",
    "is wrong",
    "are wrong",
    "sign in",
    "signing in",
    "signed in",
    "sign on",
    "log in",
    "logging in",
    "logged in",
    "log on",
    "login again",
    "reauth*",
    "re auth*",
    "authenticate again",
    "authorize again",
    "not allowed",
    "not authorized",
    "not retry",
    "not try",
    "not be retried",
    "t retry",
    "t try",
    "never @",
    "no retry",
    "again with",
    "again using",
    "retry with",
    "retry using",
    "request with",
    "signin*",
    "sign back in",
    "log back in",
    "relogin*",
    "re login",
    "is disabled",
    "been disabled",
    "deactivated",
    "been deleted",
    "been suspended",
    "not exist",
    "no longer",
    "check your",
    "verify your",
};

/// These words name an input that has to be put right before another try.
constexpr Phrase kInputs[] = {
    "unauthorized", "unsupported", "denied",       "forbidden",    "required", "missing",
    "mismatch",     "disabled",    "locked",       "blocked",      "deleted",  "deactivated",
    "not found",    "not exist",   "unrecognized", "rejected",     "wrong",    "bad",
    "credential*",  "password*",   "secret*",      "valid",        "correct",  "check",
    "verify",       "ensure",      "login",        "authenticat*", "consent",  "contact",
    "new",          "another",     "different",    "generate",     "change*",  "update*",
    "reset",        "use",         "provide",      "supply",       "specify",  "enter"};

using Words = std::vector<std::string>;

/// Letters and digits, in lower case. `rateLimit` is two words, and so is `rate_limit`.
Words words_of(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_letter = [&](char c) { return is_lower(base::lower(c)); };
  Words words;
  char last = ' ';
  for (const char c : text) {
    const bool part = is_letter(c) || base::is_digit(c);
    const bool begins = !(is_letter(last) || base::is_digit(last)) ||
                        (is_lower(last) && is_letter(c) && !is_lower(c));
    if (part && begins) words.emplace_back();
    if (part) words.back() += base::lower(c);
    last = c;
  }
  return words;
}

bool fits(std::string_view word, Phrase part) {
  constexpr std::string_view kAnotherTry[] = {"try",   "retry",  "retrying",
                                              "again", "repeat", "resubmit"};
  if (part == "@") return std::ranges::find(kAnotherTry, word) != std::end(kAnotherTry);
  if (part == "#") return base::is_digit(word.front());
  if (part.ends_with('*')) return word.starts_with(part.substr(0, part.size() - 1));
  return word == part;
}

bool begins_with(std::span<const std::string> words, Phrase phrase) {
  if (phrase.empty()) return true;
  const std::string_view part = base::take_until(phrase, ' ');
  if (part != "~") {
    return !words.empty() && fits(words.front(), part) && begins_with(words.subspan(1), phrase);
  }
  for (std::size_t gap = 0; gap <= std::min(kGapWordsMax, words.size()); ++gap) {
    if (begins_with(words.subspan(gap), phrase)) return true;
  }
  return false;
}

bool says(std::span<const std::string> words, std::span<const Phrase> any_of) {
  for (; !words.empty(); words = words.subspan(1)) {
    if (std::ranges::any_of(any_of, [&](Phrase one) { return begins_with(words, one); })) {
      return true;
    }
  }
  return false;
}

}  // namespace

Passing passing(const ErrorWords& said) {
  const Words code = words_of(said.error);
  const Words text = words_of(said.description);
  const auto either = [&](std::span<const Phrase> any_of) {
    return says(code, any_of) || says(text, any_of);
  };
  if (says(text, kEventual)) return Passing::eventual;
  if (std::ranges::find(kDefinite, said.error) != std::end(kDefinite)) return Passing::never;
  if (says(code, kRateCodes) || either(kRates)) return Passing::rate_limit;
  const bool refused = says(text, kRefusals);
  if (said.asks_to_wait && !refused) return Passing::rate_limit;
  if (says(code, kFaultCodes)) return Passing::fault;
  if (refused) return Passing::never;
  if (either(kFaults)) return Passing::fault;
  const bool unexplained = !says(code, kRefusals) && !either(kInputs);
  return unexplained && either(kAdvice) ? Passing::fault : Passing::never;
}

}  // namespace bearer::token
