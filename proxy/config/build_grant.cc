#include "config/build.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "config/checks.h"
#include "config/presets.h"

namespace bearer::config {
namespace {

using token::CredentialOptions;
using token::Grant;

struct NamedGrant {
  std::string_view text;
  Grant grant;
};
constexpr NamedGrant kGrants[] = {
    {"client_credentials", Grant::client_credentials},
    {"refresh_token", Grant::refresh_token},
    {"password", Grant::password},
    {"jwt_bearer", Grant::jwt_bearer},
    {"token_exchange", Grant::token_exchange},
};

/// A file that a grant uses.
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

std::string_view of(Grant grant) {
  return std::ranges::find(kGrants, grant, &NamedGrant::grant)->text;
}

/// Sends no grant_type, for a server that is not OAuth's.
constexpr std::string_view kNoGrant = "none";

std::string_view name(const CredentialOptions& options) {
  const auto* named = std::ranges::find(kGrants, options.grant, &NamedGrant::grant);
  if (named != std::end(kGrants)) return named->text;
  return options.grant_type.empty() ? kNoGrant : std::string_view(options.grant_type);
}

void read_name(const Typed& typed, CredentialOptions& options) {
  const std::string text = typed.text("grant");
  const auto* named = std::ranges::find(kGrants, text, &NamedGrant::text);
  if (named != std::end(kGrants)) {
    options.grant = named->grant;
    return;
  }
  options.grant = Grant::other;
  if (text != kNoGrant) options.grant_type = text;
  if (text.empty() || text.find_first_of(" \t") != std::string::npos) {
    typed.problem("grant", text, "no grant's name; none sends no grant_type");
  }
}

/// An unknown grant may use the materials of the known ones, except those that are replaced over
/// time.
bool takes(const CredentialOptions& options, const Material& material) {
  if (options.grant == material.grant) return true;
  return options.grant == Grant::other && material.grant != Grant::refresh_token &&
         material.setting != "service-account-file";
}

void read_material(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  for (const Material& material : kMaterials) {
    if (takes(options, material)) {
      options.*material.path = file(typed, material.setting, around);
    } else if (typed.own(material.setting)) {
      typed.problem(material.setting, typed.text(material.setting),
                    "only the grant " + std::string(of(material.grant)) +
                        " uses it, and the grant is " + std::string(name(options)) +
                        typed.by_preset("grant"));
    }
  }
}

void need(const Typed& typed, std::string_view setting, Grant grant) {
  if (!typed.has(setting)) {
    typed.missing(setting,
                  "; the grant " + std::string(of(grant)) + typed.by_preset("grant") + " needs it");
  }
}

/// There must be exactly one: a ready assertion, a service account, or our own key.
void check_jwt_bearer(const Typed& typed, const CredentialOptions& options) {
  if (typed.has("assertion-file") && typed.has("service-account-file")) {
    typed.problem("assertion-file", options.assertion_file,
                  "there is a service_account_file, too; keep one of the two");
  }
  if (typed.has("assertion-file") || typed.has("service-account-file")) return;
  if (typed.has("client-key")) return;
  typed.missing("assertion-file", "; the grant jwt_bearer" + typed.by_preset("grant") +
                                      " needs it, or a service_account_file" +
                                      preset_variable(typed, "service-account-file", " or ") +
                                      ", or a client_key with which one is signed");
}

}  // namespace

void read_grant(const Typed& typed, const Surroundings& around, CredentialOptions& options) {
  read_name(typed, options);
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
    case Grant::other: break;
  }
}

}  // namespace bearer::config
