#include "config/build.h"

#include <string>

#include "config/checks.h"

namespace bearer::config {
namespace {

using token::CredentialOptions;
using token::Grant;

constexpr Choice kGrants[] = {
    {"client_credentials", static_cast<int>(Grant::client_credentials)},
    {"refresh_token", static_cast<int>(Grant::refresh_token)},
    {"password", static_cast<int>(Grant::password)},
    {"jwt_bearer", static_cast<int>(Grant::jwt_bearer)},
    {"token_exchange", static_cast<int>(Grant::token_exchange)},
};

/// A file that one grant is made of.
struct Material {
  Grant grant;
  std::string_view setting;
  std::string CredentialOptions::*path;
};
constexpr Material kMaterials[] = {
    {Grant::refresh_token, "refresh-token-file", &CredentialOptions::refresh_token_file},
    {Grant::password, "password-file", &CredentialOptions::password_file},
    {Grant::jwt_bearer, "assertion-file", &CredentialOptions::assertion_file},
    {Grant::jwt_bearer, "service-account-file", &CredentialOptions::service_account_file},
    {Grant::token_exchange, "subject-token-file", &CredentialOptions::subject_token_file},
};

std::string_view name(Grant grant) {
  return kGrants[static_cast<std::size_t>(grant)].text;
}

void read_material(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  for (const Material& material : kMaterials) {
    if (material.grant == options.grant) {
      options.*material.path = file(typed, material.setting, around);
    } else if (typed.own(material.setting)) {
      typed.problem(material.setting, typed.text(material.setting),
                    "only the grant " + std::string(name(material.grant)) +
                        " uses it, and the grant is " + std::string(name(options.grant)));
    }
  }
}

void need(const Typed& typed, std::string_view setting, Grant grant) {
  if (!typed.has(setting)) {
    typed.missing(setting, "; the grant " + std::string(name(grant)) + " needs it");
  }
}

/// Exactly one of: a ready assertion, a service account, or our own key and a user.
void check_jwt_bearer(const Typed& typed, const CredentialOptions& options) {
  if (typed.has("assertion-file") && typed.has("service-account-file")) {
    typed.problem("assertion-file", options.assertion_file,
                  "there is a service_account_file, too; keep one of the two");
  }
  if (typed.has("assertion-file") || typed.has("service-account-file")) return;
  if (typed.has("client-key") && typed.has("username")) return;
  typed.missing("assertion-file",
                "; the grant jwt_bearer needs it, or a service_account_file, or a client_key and "
                "the username that it speaks for");
}

}  // namespace

void read_grant(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  options.grant = typed.choice<Grant>("grant", kGrants);
  options.username = typed.text("username");
  options.subject_token_type = typed.text("subject-token-type");
  read_material(typed, around, options);
  switch (options.grant) {
    case Grant::client_credentials: break;
    case Grant::refresh_token: need(typed, "refresh-token-file", options.grant); break;
    case Grant::password:
      need(typed, "username", options.grant);
      need(typed, "password-file", options.grant);
      break;
    case Grant::jwt_bearer: check_jwt_bearer(typed, options); break;
    case Grant::token_exchange: need(typed, "subject-token-file", options.grant); break;
  }
}

}  // namespace bearer::config
