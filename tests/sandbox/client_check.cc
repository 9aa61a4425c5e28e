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

}  // namespace bearer::sandbox
