// The fields by which APIs say when and whether to ask again, beside those that an RFC or a draft
// names. They are rows of a table, so that the next provider is a line of data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/time_ahead.h"

namespace bearer::http {

/// The fields that describe one quota together.
enum class QuotaFamily : std::uint8_t {
  none,
  policy,   ///< a policy of RateLimit, which has a name
  ietf,     ///< drafts of the RateLimit fields up to 06
  x,        ///< most others
  genesys,  ///< Genesys Cloud
  hubspot,
  requests,  ///< OpenAI and those like it
  tokens,    ///< the same, for what their models read and write
  anthropic_requests,
  anthropic_tokens,
  anthropic_input,
  anthropic_output,
  bigcommerce,
  rapidapi,
  brevo,
};
inline constexpr std::size_t kQuotaFamilies = static_cast<std::size_t>(QuotaFamily::brevo) + 1;

enum class HintFact : std::uint8_t {
  wait,          ///< before the next request
  should_retry,  ///< `false`: a retry is in vain
  limit,         ///< of a quota
  remaining,
  used,
  reset,   ///< when all of it is left again
  window,  ///< how long the whole window takes
  name,    ///< of the quota
};

struct HintField {
  std::string_view name;  ///< in lower case
  HintFact fact;
  QuotaFamily family = QuotaFamily::none;
  TimeUnit unit = TimeUnit::seconds;  ///< of a wait, reset or window
};

inline constexpr auto kHintFields = std::to_array<HintField>({
    {"retry-after-ms", HintFact::wait, QuotaFamily::none, TimeUnit::milliseconds},
    {"x-ms-retry-after-ms", HintFact::wait, QuotaFamily::none, TimeUnit::milliseconds},
    {"x-retry-in", HintFact::wait},  // Traefik
    {"stripe-should-retry", HintFact::should_retry},
    {"x-should-retry", HintFact::should_retry},

    {"ratelimit-limit", HintFact::limit, QuotaFamily::ietf},
    {"ratelimit-remaining", HintFact::remaining, QuotaFamily::ietf},
    {"ratelimit-reset", HintFact::reset, QuotaFamily::ietf},

    {"x-ratelimit-limit", HintFact::limit, QuotaFamily::x},
    {"x-ratelimit-remaining", HintFact::remaining, QuotaFamily::x},
    {"x-ratelimit-reset", HintFact::reset, QuotaFamily::x, TimeUnit::unsaid},
    {"x-ratelimit-reset-after", HintFact::reset, QuotaFamily::x},  // Discord
    {"x-ratelimit-next", HintFact::reset, QuotaFamily::x},         // Akamai
    {"x-ratelimit-retry-after", HintFact::reset, QuotaFamily::x},  // MailerLite: on every response
    {"x-ratelimit-interval-seconds", HintFact::window, QuotaFamily::x},  // Atlassian Data Center
    {"x-ratelimit-resource", HintFact::name, QuotaFamily::x},            // GitHub
    {"x-ratelimit-bucket", HintFact::name, QuotaFamily::x},              // Discord
    {"x-rate-limit-limit", HintFact::limit, QuotaFamily::x},             // Okta
    {"x-rate-limit-remaining", HintFact::remaining, QuotaFamily::x},
    {"x-rate-limit-reset", HintFact::reset, QuotaFamily::x, TimeUnit::unsaid},

    {"inin-ratelimit-allowed", HintFact::limit, QuotaFamily::genesys},
    {"inin-ratelimit-count", HintFact::used, QuotaFamily::genesys},
    {"inin-ratelimit-reset", HintFact::reset, QuotaFamily::genesys},

    {"x-hubspot-ratelimit-max", HintFact::limit, QuotaFamily::hubspot},
    {"x-hubspot-ratelimit-remaining", HintFact::remaining, QuotaFamily::hubspot},
    {"x-hubspot-ratelimit-interval-milliseconds", HintFact::window, QuotaFamily::hubspot,
     TimeUnit::milliseconds},

    {"x-ratelimit-limit-requests", HintFact::limit, QuotaFamily::requests},
    {"x-ratelimit-remaining-requests", HintFact::remaining, QuotaFamily::requests},
    {"x-ratelimit-reset-requests", HintFact::reset, QuotaFamily::requests},
    {"x-ratelimit-limit-tokens", HintFact::limit, QuotaFamily::tokens},
    {"x-ratelimit-remaining-tokens", HintFact::remaining, QuotaFamily::tokens},
    {"x-ratelimit-reset-tokens", HintFact::reset, QuotaFamily::tokens},

    {"anthropic-ratelimit-requests-limit", HintFact::limit, QuotaFamily::anthropic_requests},
    {"anthropic-ratelimit-requests-remaining", HintFact::remaining,
     QuotaFamily::anthropic_requests},
    {"anthropic-ratelimit-requests-reset", HintFact::reset, QuotaFamily::anthropic_requests},
    {"anthropic-ratelimit-tokens-limit", HintFact::limit, QuotaFamily::anthropic_tokens},
    {"anthropic-ratelimit-tokens-remaining", HintFact::remaining, QuotaFamily::anthropic_tokens},
    {"anthropic-ratelimit-tokens-reset", HintFact::reset, QuotaFamily::anthropic_tokens},
    {"anthropic-ratelimit-input-tokens-limit", HintFact::limit, QuotaFamily::anthropic_input},
    {"anthropic-ratelimit-input-tokens-remaining", HintFact::remaining,
     QuotaFamily::anthropic_input},
    {"anthropic-ratelimit-input-tokens-reset", HintFact::reset, QuotaFamily::anthropic_input},
    {"anthropic-ratelimit-output-tokens-limit", HintFact::limit, QuotaFamily::anthropic_output},
    {"anthropic-ratelimit-output-tokens-remaining", HintFact::remaining,
     QuotaFamily::anthropic_output},
    {"anthropic-ratelimit-output-tokens-reset", HintFact::reset, QuotaFamily::anthropic_output},

    {"x-rate-limit-requests-quota", HintFact::limit, QuotaFamily::bigcommerce},
    {"x-rate-limit-requests-left", HintFact::remaining, QuotaFamily::bigcommerce},
    {"x-rate-limit-time-reset-ms", HintFact::reset, QuotaFamily::bigcommerce,
     TimeUnit::milliseconds},
    {"x-rate-limit-time-window-ms", HintFact::window, QuotaFamily::bigcommerce,
     TimeUnit::milliseconds},

    {"x-ratelimit-requests-limit", HintFact::limit, QuotaFamily::rapidapi},  // and Linear
    {"x-ratelimit-requests-remaining", HintFact::remaining, QuotaFamily::rapidapi},
    {"x-ratelimit-requests-reset", HintFact::reset, QuotaFamily::rapidapi, TimeUnit::unsaid},

    {"x-sib-ratelimit-limit", HintFact::limit, QuotaFamily::brevo},
    {"x-sib-ratelimit-remaining", HintFact::remaining, QuotaFamily::brevo},
    {"x-sib-ratelimit-reset", HintFact::reset, QuotaFamily::brevo},
});

/// The row of that name, in any case. REQUIRES: there is one, as for every FieldName::hint.
const HintField& hint_field(std::string_view name);

}  // namespace bearer::http
