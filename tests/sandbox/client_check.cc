#include "tests/sandbox/client_check.h"

#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr std::string_view kBasic = "Basic ";

ClientVerdict compare(const ClientOptions& options, std::string_view id, std::string_view secret) {
  const bool right = id == options.id && equal_in_constant_time(secret, options.secret);
  return right ? ClientVerdict::accepted : ClientVerdict::wrong;
}

ClientVerdict check_basic(const ClientOptions& options, std::string_view credentials) {
  const auto pair = decode_base64(credentials);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return ClientVerdict::malformed;
  const std::string id = pair->substr(0, colon);
  const std::string secret = pair->substr(colon + 1);
  if (!options.basic_is_form_encoded) return compare(options, id, secret);
  return compare(options, decode_form(id), decode_form(secret));
}

}  // namespace

ClientVerdict check_client(const ClientOptions& options, std::string_view authorization,
                           const std::vector<Pair>& form) {
  const std::string_view secret = find(form, "client_secret");
  if (authorization.starts_with(kBasic)) {
    if (!secret.empty()) return ClientVerdict::ambiguous;
    return check_basic(options, authorization.substr(kBasic.size()));
  }
  if (!authorization.empty()) return ClientVerdict::malformed;
  if (secret.empty()) return ClientVerdict::missing;
  return compare(options, find(form, "client_id"), secret);
}

ClientCheck::ClientCheck(ClientOptions options) : options_(std::move(options)) {
  if (options_.method == "private_key_jwt") {
    assertions_ = AssertionCheck::by_key_file(options_.public_key);
  } else if (options_.method == "client_secret_jwt") {
    assertions_ = AssertionCheck::by_secret(options_.secret);
  }
}

ClientVerdict ClientCheck::judge(const Request& request, const std::vector<Pair>& form,
                                 WallTime now) const {
  if (options_.method.empty()) return check_client(options_, request.authorization, form);
  if (!request.authorization.empty() || !find(form, "client_secret").empty()) {
    return ClientVerdict::ambiguous;
  }
  if (assertions_) return judge_assertion(request, form, now);
  if (!find(form, "client_assertion").empty()) return ClientVerdict::ambiguous;
  return find(form, "client_id") == options_.id ? ClientVerdict::accepted : ClientVerdict::wrong;
}

ClientVerdict ClientCheck::judge_assertion(const Request& request, const std::vector<Pair>& form,
                                           WallTime now) const {
  const std::string_view id = find(form, "client_id");
  if (!id.empty() && id != options_.id) return ClientVerdict::wrong;
  if (find(form, "client_assertion_type") !=
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
    return ClientVerdict::missing;
  }
  const AssertionRules rules{options_.id, options_.id, endpoint_of(request)};
  const std::string wrong = assertions_->judge(find(form, "client_assertion"), rules, now);
  return wrong.empty() ? ClientVerdict::accepted : ClientVerdict::wrong;
}

std::string endpoint_of(const Request& request) {
  return request.origin.substr(request.origin.find("://") + 3) + request.path;
}

}  // namespace bearer::sandbox
