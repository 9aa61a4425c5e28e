#include "token/client_auth.h"

#include "base/encoding.h"

namespace bearer::token {
namespace {

std::string encoded(std::string_view text, BasicEncoding encoding) {
  return encoding == BasicEncoding::form ? http::form_encode(text) : std::string(text);
}

base::Secret basic(const CredentialOptions& options, const base::Secret& client_secret) {
  const std::string id = encoded(options.client_id, options.basic_encoding);
  std::string secret = encoded(client_secret.reveal(), options.basic_encoding);
  std::string pair;
  pair.reserve(id.size() + 1 + secret.size());  // one allocation: growing would leave copies
  pair.append(id).append(":").append(secret);
  std::string base64 = base::base64_encode(pair);
  std::string value;
  value.reserve(6 + base64.size());
  value.append("Basic ").append(base64);
  for (std::string* copy : {&secret, &pair, &base64}) base::wipe(*copy);
  return base::Secret(std::move(value));
}

}  // namespace

base::Secret authenticate_client(const CredentialOptions& options,
                                 const base::Secret& client_secret,
                                 std::vector<http::FormField>& form) {
  switch (options.auth_method) {
    case ClientAuth::client_secret_basic: return basic(options, client_secret);
    case ClientAuth::client_secret_post:
      form.push_back({"client_id", options.client_id});
      form.push_back({"client_secret", client_secret.reveal()});
      break;
  }
  return base::Secret();
}

}  // namespace bearer::token
