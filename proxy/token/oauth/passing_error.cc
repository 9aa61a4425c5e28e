#include "token/oauth/passing_error.h"

#include <span>
#include <string>
#include <vector>

#include "base/text.h"

namespace bearer::token {
namespace {

// Phrases in lower case, each ended by a comma. `|` stands between words of which any will do, `*`
// for the end of a word, `#` for a number, `@` for a word that means another try, `~` for up to
// four words, and `.` for the end of the text.
using Phrases = std::string_view;

// Microsoft Entra: application, service principal, secret, federated credential
// (learn.microsoft.com/entra/identity-platform/reference-error-codes). Google: a new key of a
// service account is known after 60 s or more (cloud.google.com/iam/docs/keys-create-delete).
constexpr Phrases kEventual =
    "aadsts700016|aadsts7000229|aadsts7000215|aadsts70021|aadsts700211|aadsts700212|aadsts700213,"
    "invalid jwt signature";
// These codes refuse, whatever is said beside them. Others are used for everything: Salesforce
// sends `invalid_grant` for a rate.
constexpr Phrases kDefiniteCodes =
    "invalid client|scope|target ., unauthorized client ., unsupported grant type .,"
    "consent|login|interaction required ., use dpop nonce ., invalid dpop proof .";
// As a part of a sentence, the words of these codes say less.
constexpr Phrases kRateCodes = "rate limit*, ratelimit*|throttl*|slowdown";
constexpr Phrases kFaultCodes =
    "server|internal error, temporarily|service unavailable, temporary|busy|overloaded, retry "
    "later,"
    "try again";
// AADSTS50196: the same client asked Microsoft Entra for the same token in a loop.
constexpr Phrases kRates =
    "aadsts50196|toomanyrequests|throttled, throttling exception, slow down, rate limited,"
    "rate ~ exceeded, rate limit* ~ reached|hit, reached|hit ~ rate limit*, request|login rate,"
    "exceed* ~ rate limit*|of, exceed* ~ allowed|maximum rate, exceed* ~ requests|logins,"
    "rate of requests, rate too high, rate is too high, too frequent*|fast|quickly,"
    "too many ~ requests|calls|attempts|logins|tries|retries, requests|logins exceeded,"
    "request*|call* limit exceeded|reached, requests per second|minute|hour";
// A later time is named, or a fault that ends.
constexpr Phrases kFaults =
    "@ ~ later|shortly|soon|momentarily|tomorrow|sometime, @ ~ in one|few|#, @ ~ after #,"
    "@ ~ in|after some time, @ ~ in|after a few|moment|minute|while, wait ~ before|@,"
    "error occurred @, error has occurred @, error occurred please @, went wrong @,"
    "error has occurred please @, went wrong please @, transient|overloaded, is|system busy,"
    "temporary error|failure|problem|issue, temporarily|service unavailable";
constexpr Phrases kRefusals =
    "expired|revoked|invalid|incorrect|deactivated|reauth*|signin*|relogin*, re auth*|login,"
    "wrong password|user*|client*|credential*|secret|key|code, is|are wrong, not exist,"
    "sign|signing|signed|log|logging|logged in, sign|log on, sign|log back in, login again,"
    "authenticate|authorize again, not allowed|authorized|retry|try, not be retried,"
    "t retry|try, never @, no retry|longer, again|retry with|using, request with,"
    "is|been disabled, been deleted|suspended, check|verify your";
// Refusals give the advice to try again, too, and name an input to put right before that.
constexpr Phrases kAdvice = "retry, try ~ again";
constexpr Phrases kInputs =
    "unauthorized|unsupported|denied|forbidden|required|missing|mismatch|disabled|locked|blocked,"
    "deleted|unrecognized|rejected|wrong|bad|credential*|password*|secret*|valid|correct|check,"
    "verify|ensure|login|authenticat*|consent|contact|new|another|different|generate|change*,"
    "update*|reset|use|provide|supply|specify|enter, not found";

using Words = std::span<const std::string>;

/// Letters and digits, in lower case. `rateLimit` is two words, and so is `rate_limit`.
std::vector<std::string> words_of(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_letter = [&](char c) { return is_lower(base::lower(c)); };
  std::vector<std::string> words;
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

bool fits(std::string_view word, std::string_view any_of) {
  while (!any_of.empty()) {
    const std::string_view part = base::take_until(any_of, '|');
    if (word == part || (part == "#" && base::is_digit(word.front()))) return true;
    if (part == "@" && fits(word, "try|retry|retrying|again|repeat|resubmit")) return true;
    if (part.ends_with('*') && word.starts_with(part.substr(0, part.size() - 1))) return true;
  }
  return false;
}

bool begins_with(Words words, std::string_view phrase) {
  if (phrase.empty()) return true;
  const std::string_view part = base::take_until(phrase, ' ');
  if (part == ".") return words.empty();
  for (int gap = 0; part == "~" && gap < 4 && !words.empty(); ++gap) {
    if (begins_with(words, phrase)) return true;
    words = words.subspan(1);
  }
  if (part == "~") return begins_with(words, phrase);
  return !words.empty() && fits(words.front(), part) && begins_with(words.subspan(1), phrase);
}

bool says(Words words, Phrases any_of) {
  while (!any_of.empty()) {
    const std::string_view phrase = base::trim(base::take_until(any_of, ','));
    for (Words rest = words; !rest.empty(); rest = rest.subspan(1)) {
      if (begins_with(rest, phrase)) return true;
    }
  }
  return false;
}

}  // namespace

Passing passing(const ErrorWords& said) {
  const std::vector<std::string> code = words_of(said.error), text = words_of(said.description);
  const auto either = [&](Phrases any_of) { return says(code, any_of) || says(text, any_of); };
  if (says(text, kEventual)) return Passing::eventual;
  if (says(code, kDefiniteCodes)) return Passing::never;
  if (says(code, kRateCodes) || either(kRates)) return Passing::rate_limit;
  const bool refused = says(text, kRefusals);
  if (said.asks_to_wait && !refused) return Passing::rate_limit;
  if (says(code, kFaultCodes)) return Passing::fault;
  if (refused) return Passing::never;
  const bool unexplained = !says(code, kRefusals) && !either(kInputs);
  return either(kFaults) || (unexplained && either(kAdvice)) ? Passing::fault : Passing::never;
}

}  // namespace bearer::token
