#include "token/aws/signature.h"

#include <algorithm>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/text.h"

namespace bearer::token {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hashed(std::string_view text) {
  return base::hex_encode(base::sha256(text));
}

/// `20150830T123600Z`
std::string compact(base::WallTime time) {
  std::string text = base::format_utc(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

/// The parameters in the order of their names, each with a `=`.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  while (!query.empty()) {
    std::string_view value = base::take_until(query, '&');
    const std::string_view name = base::take_until(value, '=');
    if (!name.empty()) parameters.emplace_back(name, value);
  }
  std::ranges::sort(parameters);
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

struct Canonical {
  std::string request, signed_names;
};

Canonical canonical(std::string_view method, const http::Url& url, const AwsFields& fields) {
  std::string_view query = url.path;
  const std::string_view path = base::take_until(query, '?');
  Canonical made;
  std::string lines;
  for (const auto& [name, value] : fields) {
    lines.append(name).append(":").append(value).append("\n");
    made.signed_names.append(made.signed_names.empty() ? "" : ";").append(name);
  }
  made.request.append(method).append("\n").append(path.empty() ? "/" : path).append("\n");
  made.request.append(canonical_query(query)).append("\n").append(lines).append("\n");
  made.request.append(made.signed_names).append("\n").append(hashed(""));
  base::wipe(lines);  // it contains the session's token
  return made;
}

std::string signature(const AwsKeys& keys, const AwsScope& scope, std::string_view day,
                      std::string_view text) {
  base::Secret key{"AWS4" + std::string(keys.secret.reveal())};
  for (const std::string_view part :
       {day, std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = base::Secret(base::hmac_sha256(key.reveal(), part));
  }
  return base::hex_encode(base::hmac_sha256(key.reveal(), text));
}

}  // namespace

AwsFields signed_fields(std::string_view method, const http::Url& url, AwsFields more,
                        const AwsKeys& keys, const AwsScope& scope, base::WallTime now) {
  const std::string time = compact(now);
  const std::string_view day = std::string_view(time).substr(0, 8);
  AwsFields fields = std::move(more);
  fields.emplace_back("host", url.authority());
  fields.emplace_back("x-amz-date", time);
  if (!keys.session.empty()) fields.emplace_back("x-amz-security-token", keys.session.reveal());
  std::ranges::sort(fields);
  Canonical asked = canonical(method, url, fields);
  const std::string where =
      std::string(day) + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string text =
      std::string(kAlgorithm) + "\n" + time + "\n" + where + "\n" + hashed(asked.request);
  base::wipe(asked.request);
  fields.emplace_back("authorization", std::string(kAlgorithm) + " Credential=" + keys.id + "/" +
                                           where + ", SignedHeaders=" + asked.signed_names +
                                           ", Signature=" + signature(keys, scope, day, text));
  return fields;
}

}  // namespace bearer::token
