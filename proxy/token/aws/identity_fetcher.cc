#include "token/aws/identity_fetcher.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "http/form.h"
#include "token/json.h"
#include "token/token_response.h"

namespace bearer::token {
namespace {

constexpr const char* kFix = "check external_account_file";
/// AWS accepts a signature for a quarter of an hour.
constexpr base::Duration kLife = std::chrono::minutes(5);
constexpr std::string_view kSessionLife = "300";  // seconds, of a session with the metadata server

base::Error unusable(const std::string& detail) {
  return {base::Errc::token_malformed, "the metadata server of AWS " + detail, kFix};
}

/// True for one segment of a path.
bool is_name(std::string_view text) {
  return is_token(text) && text.find_first_of("/?#%") == std::string_view::npos;
}

bool is_region(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-';
  });
}

/// As encodeURIComponent in other programs: a blank does not become `+`.
std::string percent_encode(std::string_view text) {
  std::string form = http::form_encode(text), encoded;
  for (const char c : form) encoded.append(c == '+' ? "%20" : std::string_view(&c, 1));
  base::wipe(form);
  return encoded;
}

}  // namespace

net::Task<base::Result<base::Secret>> AwsIdentityFetcher::ask(const http::Url& url, Verb verb,
                                                              const char* what,
                                                              std::string_view field,
                                                              const base::Secret& value) {
  const std::unique_ptr<Endpoint> endpoint = make_endpoint_(url);
  TokenRequest request{.verb = verb, .accept = "*/*"};
  if (!value.empty()) request.fields.emplace_back(field, value);
  base::Result<Answer> answer = co_await endpoint->send(request);
  if (!answer) co_return answer.error();
  if (answer->status / 100 == 2) co_return std::move(answer->body);
  base::Error refused =
      unusable("answered " + std::to_string(answer->status) + " when asked for " + what);
  if (answer->status >= 500 || answer->status == 429) refused.code = base::Errc::token_server_error;
  co_return refused;
}

net::Task<base::Result<base::Secret>> AwsIdentityFetcher::get(const http::Url& url,
                                                              const char* what) {
  if (source_.session_url && session_.empty()) {
    base::Result<base::Secret> began = co_await ask(*source_.session_url, Verb::put, "a session",
                                                    "X-aws-ec2-metadata-token-ttl-seconds",
                                                    base::Secret(std::string(kSessionLife)));
    if (!began) co_return began.error();
    if (!is_token(began->reveal())) co_return unusable("gave no session");
    session_ = std::move(*began);
  }
  co_return co_await ask(url, Verb::get, what, "X-aws-ec2-metadata-token", session_);
}

net::Task<base::Result<std::string>> AwsIdentityFetcher::region() {
  if (!source_.region.empty()) co_return source_.region;
  const base::Result<base::Secret> zone = co_await get(*source_.region_url, "its region");
  if (!zone) co_return zone.error();
  std::string_view text = base::trim(zone->reveal());
  text = text.substr(0, text.empty() ? 0 : text.size() - 1);  // eu-central-1a lies in eu-central-1
  if (!is_region(text)) co_return unusable("gave no availability zone when asked for its region");
  co_return std::string(text);
}

net::Task<base::Result<AwsKeys>> AwsIdentityFetcher::keys() {
  if (!source_.keys.id.empty()) co_return source_.keys;
  const base::Result<base::Secret> listed = co_await get(*source_.keys_url, "its role");
  if (!listed) co_return listed.error();
  const std::string_view role = base::trim(listed->reveal());
  if (!is_name(role)) co_return unusable("gave no role's name");
  http::Url url = *source_.keys_url;
  if (!url.path.ends_with('/')) url.path += '/';
  url.path += role;
  const base::Result<base::Secret> answer = co_await get(url, "its role's keys");
  if (!answer) co_return answer.error();
  nlohmann::json body = parse_answer(answer->reveal());
  if (!body.is_object()) co_return unusable("gave no JSON object when asked for its role's keys");
  AwsKeys keys{text_of(body, "AccessKeyId"), take_secret(body, "SecretAccessKey"),
               take_secret(body, "Token")};
  const bool whole = is_token(keys.id) && !keys.secret.empty() &&
                     (keys.session.empty() || is_token(keys.session.reveal()));
  if (!whole) co_return unusable("gave no keys (its members: " + names_of(body) + ")");
  co_return keys;
}

base::Secret AwsIdentityFetcher::subject(const AwsKeys& keys, const std::string& region) const {
  const std::string url = source_.verification_url_in(region);
  nlohmann::ordered_json request{
      {"url", url}, {"method", "POST"}, {"headers", nlohmann::ordered_json::array()}};
  const http::Url parsed = http::parse_url(url).value();
  const std::string service = parsed.host.substr(0, parsed.host.find('.'));
  AwsFields fields =
      signed_fields("POST", parsed, {{"x-goog-cloud-target-resource", source_.audience}}, keys,
                    {region, service}, clock_.wall());
  for (auto& [name, value] : fields) {
    request["headers"].push_back({{"key", name}, {"value", value}});
    base::wipe(value);
  }
  std::string text = json_text(request);
  base::Secret encoded{percent_encode(text)};
  base::wipe(text);
  for (auto& header : request["headers"]) {
    base::wipe(header["value"].get_ref<std::string&>());
  }
  return encoded;
}

net::Task<base::Result<Fetched>> AwsIdentityFetcher::fetch() {
  const base::Instant sent = clock_.now();
  session_ = base::Secret();
  const base::Result<std::string> where = co_await region();
  if (!where) co_return where.error();
  const base::Result<AwsKeys> who = co_await keys();
  if (!who) co_return who.error();
  co_return Fetched{
      .value = subject(*who, *where), .sent = sent, .expires = sent + kLife, .scope = {}};
}

}  // namespace bearer::token
