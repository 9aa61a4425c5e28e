#include "token/store/shared_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "token/expiry.h"
#include "token/json.h"
#include "token/token_response.h"

namespace bearer::token {
namespace {

using nlohmann::json;

constexpr int kSharedVersion = 1;

/// 0 if it is not a length of time.
base::Duration milliseconds_in(const json& object, const char* name) {
  using std::chrono::milliseconds;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return {};
  constexpr auto kMax = std::chrono::duration_cast<milliseconds>(kLifetimeMax);
  const auto count = std::min<std::uint64_t>(found->get<std::uint64_t>(), kMax.count());
  return milliseconds(static_cast<milliseconds::rep>(count));
}

}  // namespace

base::Secret to_text(const SharedToken& shared) {
  using std::chrono::milliseconds;
  const Fetched& token = shared.token;
  json body{{"version", kSharedVersion},
            {"publication", shared.publication},
            {"access_token", token.value.reveal()},
            {"lifetime_ms", std::chrono::ceil<milliseconds>(token.lifetime()).count()},
            {"scope", token.scope},
            {"attributes", token.attributes}};
  if (token.renewable_until != base::kNever) {
    body["renewable_ms"] =
        std::chrono::floor<milliseconds>(token.renewable_until - token.sent).count();
  }
  base::Secret text(json_text(body));
  base::wipe(body["access_token"].get_ref<std::string&>());
  return text;
}

std::optional<SharedToken> from_text(const Kept& kept, base::Instant now) {
  json body = parse_json(kept.text.reveal());
  if (!body.is_object() || body.value("version", json()) != kSharedVersion) return std::nullopt;
  SharedToken shared{.publication = text_of(body, "publication"), .token = {}};
  shared.token.value = take_secret(body, "access_token");
  const std::string_view token = shared.token.value.reveal();
  if (shared.publication.empty() || token.size() > kTokenBytesMax || !is_token(token)) {
    return std::nullopt;
  }
  const base::Duration lifetime = milliseconds_in(body, "lifetime_ms");
  // After a wall clock was set back, it must not live longer than its whole lifetime.
  shared.token.expires = now + std::min(kept.left, lifetime);
  shared.token.sent = shared.token.expires - lifetime;
  const base::Duration renewable = milliseconds_in(body, "renewable_ms");
  if (renewable != base::Duration::zero()) {
    shared.token.renewable_until = shared.token.sent + renewable;
  }
  shared.token.scope = base::printable(text_of(body, "scope"), kScopeCharsMax);
  if (const auto found = body.find("attributes"); found != body.end() && found->is_object()) {
    for (const auto& [name, text] : found->items()) {
      if (!text.is_string()) continue;
      shared.token.attributes[name] =
          base::printable(text.get_ref<const std::string&>(), kAttributeCharsMax);
    }
  }
  return shared;
}

}  // namespace bearer::token
