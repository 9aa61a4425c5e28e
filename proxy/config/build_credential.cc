#include <algorithm>
#include <iterator>
#include <utility>

#include "base/argv.h"
#include "base/host.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/presets.h"
#include "config/typed.h"

namespace bearer::config {
namespace {

using token::TokenBody;
using token::TokenMethod;

/// Returns the setting for this parameter; empty if there is none. Parameters that belong to a
/// known grant have settings only with that grant; any other grant takes them as they are.
std::string_view setting_of(const Typed& typed, std::string_view parameter) {
  struct Owned {
    std::string_view parameter, setting, grant = {};
  };
  constexpr Owned kOwned[] = {{"grant_type", "grant"},
                              {"client_id", "client-id"},
                              {"client_secret", "client-secret-file"},
                              {"client_assertion", "client-assertion-file"},
                              {"refresh_token", "refresh-token-file", "refresh_token"},
                              {"password", "password-file", "password"},
                              {"assertion", "assertion-file", "jwt_bearer"},
                              {"subject_token", "subject-token-file", "token_exchange"}};
  const auto* owned = std::ranges::find(kOwned, parameter, &Owned::parameter);
  if (owned == std::end(kOwned)) return {};
  const bool used = owned->grant.empty() || typed.text("grant") == owned->grant;
  return used || typed.own(owned->setting) ? owned->setting : std::string_view();
}

/// True for the id of a client that authenticates in the head: some servers want it in the body,
/// too, as Fitbit does.
bool repeats_id(const Typed& typed, std::string_view param) {
  const bool secret = typed.has("client-secret-file") || typed.has("client-secret-env");
  return secret && !typed.has("client-assertion-file") &&
         typed.text("auth-method") == "client_secret_basic" &&
         param == "client_id=" + typed.text("client-id");
}

void read_token_params(const Typed& typed, token::CredentialOptions& options) {
  for (const std::string& param : typed.texts("token-param")) {
    const std::size_t equals = param.find('=');
    const std::string name = param.substr(0, equals);
    if (equals == std::string::npos || name.empty()) {
      typed.problem("token-param", param, "not of the form NAME=VALUE");
    } else if (const std::string_view setting = setting_of(typed, name);
               !setting.empty() && !repeats_id(typed, param)) {
      typed.problem("token-param", param,
                    name + " has a setting of its own, " + find_option(setting)->key());
    } else {
      options.token_params.emplace_back(name, param.substr(equals + 1));
    }
  }
}

/// True for the platform's own server: it may be used in plain text, with nobody on the way.
bool is_metadata_server(const Typed& typed, const http::Url& url) {
  return base::is_metadata_host(url.host) ||
         (typed.find("token-url")->by == By::preset && base::is_private(url.host));
}

void read_ways(const Typed& typed, const Surroundings& around, token::EndpointWays& ways) {
  constexpr Choice kMethods[] = {{"POST", static_cast<int>(TokenMethod::post)},
                                 {"GET", static_cast<int>(TokenMethod::get)}};
  constexpr Choice kBodies[] = {{"form", static_cast<int>(TokenBody::form)},
                                {"json", static_cast<int>(TokenBody::json)}};
  ways.method = typed.choice<TokenMethod>("token-method", kMethods);
  ways.body = typed.choice<TokenBody>("token-body", kBodies);
  if (ways.method == TokenMethod::get && ways.body == TokenBody::json) {
    typed.problem("token-body", "json", "a GET has no body; leave token_method or token_body out");
  }
  for (const std::string& line : typed.texts("token-header")) {
    const base::Result<void> added = ways.add_field(line);
    if (!added) typed.problem("token-header", line, added.error().detail);
  }
  ways.fields_file = file(typed, "token-header-file", around);
}

void read_members(const Typed& typed, token::AnswerMembers& members) {
  members = {.token = typed.text("token-member"), .expiry = typed.text("expiry-member")};
  for (const char* name : {"token-member", "expiry-member"}) {
    if (typed.text(name).empty()) typed.problem(name, "", "names no member");
  }
}

void read_endpoint(const Typed& typed, const Surroundings& around,
                   token::CredentialOptions& options) {
  if (!typed.has("token-url") && !typed.has("issuer")) {
    typed.missing("token-url", ", or have it found with --issuer, or use --preset");
  }
  if (const auto url = typed.url("token-url")) {
    options.token_url = *url;
    options.token_url_setting = changed_by(typed, "token-url", "token_url");
    if (!is_metadata_server(typed, *url)) check_transport(typed, "token-url", *url, around);
  }
  if (const auto issuer = typed.url("issuer")) {
    options.issuer = *issuer;
    check_transport(typed, "issuer", *issuer, around);
    if (issuer->path.find('?') != std::string::npos) {
      typed.problem("issuer", typed.text("issuer"), "an issuer has no query (?)");
    }
  }
}

void read_request(const Typed& typed, token::CredentialOptions& options) {
  options.scope = typed.text("scope");
  options.audience = typed.text("audience");
  options.resources = typed.texts("resource");
  read_token_params(typed, options);
  const UpstreamFromToken upstream = preset_upstream(typed);
  if (!upstream.attribute.empty()) options.attributes.push_back(upstream.attribute);
  check_preset_needs(typed);
}

/// A key that ends with the process is of no use to another process, nor after a restart.
void check_key_lasts(const Typed& typed, const token::CredentialOptions& options) {
  if (!options.dpop || !options.dpop_key_file.empty()) return;
  if (options.store.shared()) {
    typed.missing("dpop-key-file",
                  "; token_store shares a token that dpop" + typed.by_preset("dpop") +
                      " binds to a key, so that all who share it must hold the key; or set dpop to "
                      "false");
  } else if (options.grant == token::Grant::refresh_token &&
             options.auth_method == token::ClientAuth::none) {
    typed.missing(
        "dpop-key-file",
        "; the refresh token of a client without a secret is bound to the key that it was "
        "got with");
  }
}

void read_dpop(const Typed& typed, const Surroundings& around, token::CredentialOptions& options) {
  options.dpop = typed.boolean("dpop");
  options.dpop_key_file = file(typed, "dpop-key-file", around);
  if (!options.dpop && typed.has("dpop-key-file")) {
    typed.problem("dpop-key-file", typed.text("dpop-key-file"), "only dpop uses it; add dpop");
  }
  check_key_lasts(typed, options);
}

/// True if tokens come from a source other than a token endpoint.
bool read_other_source(const Typed& typed, const Surroundings& around,
                       token::CredentialOptions& options) {
  constexpr std::string_view kOfOauth[] = {"token-url",
                                           "issuer",
                                           "grant",
                                           "client-id",
                                           "client-secret-file",
                                           "auth-method",
                                           "scope",
                                           "audience",
                                           "resource",
                                           "token-param",
                                           "token-header",
                                           "token-header-file",
                                           "token-method",
                                           "token-body",
                                           "client-assertion-file",
                                           "dpop",
                                           "dpop-key-file"};
  const char* source = typed.has("token-file") ? "token-file" : "token-command";
  if (!typed.has(source)) return false;
  if (typed.has("token-file") && typed.own("token-command")) {
    typed.problem("token-file", typed.text("token-file"),
                  "there is a token_command, too; keep one of the two");
  }
  for (const std::string_view name : kOfOauth) {
    if (!typed.own(name)) continue;
    // A unit or an image sets the variable for every configuration that it runs.
    const bool by_environment = typed.find(name)->source == find_option(name)->environment();
    if (name == "client-secret-file" && by_environment) continue;
    typed.problem(name, typed.text(name),
                  "of no use beside " + find_option(source)->key() + "; keep one of the two");
  }
  if (typed.has("token-file")) {
    if (typed.own("token-store")) {
      typed.problem("token-store", typed.text("token-store"),
                    "of no use beside token_file, which processes share as it is");
    }
    options.token_file = file(typed, "token-file", around);
    return true;
  }
  const std::string text = typed.text("token-command");
  auto argv = base::split_argv(text);
  if (!argv) {
    typed.problem("token-command", text, argv.error().detail);
  } else {
    options.token_command = std::move(*argv);
  }
  return true;
}

}  // namespace

token::CredentialOptions build_credential(const Block& block, const Surroundings& around,
                                          ConfigErrors& problems) {
  using namespace std::chrono_literals;
  const Typed typed(block.values, block.label, problems);
  token::CredentialOptions options;
  options.name = block.name;
  options.refresh_margin = typed.duration("refresh-margin", 1ms);
  read_members(typed, options.ways.members);
  const bool other_source = read_other_source(typed, around, options);
  if (options.token_file.empty()) options.store = read_store(typed, around);
  if (other_source) return options;
  options.connect_timeout = typed.duration("connect-timeout", 1ms);
  options.ca_file = file(typed, "ca-file", around);
  read_request(typed, options);
  constexpr std::string_view kAccount = "external-account-file";
  if (typed.has(kAccount) || preset_need(typed) == kAccount) {
    if (typed.own("dpop")) {
      typed.problem("dpop", typed.text("dpop"),
                    "of no use beside external_account_file: Google's tokens are not bound");
    }
    read_external_account(typed, around, options);
    return options;
  }
  read_endpoint(typed, around, options);
  read_grant(typed, around, options);
  read_client_auth(typed, around, options);
  read_ways(typed, around, options.ways);
  read_dpop(typed, around, options);
  const http::Url& asked = options.issuer ? *options.issuer : options.token_url;
  options.egress = read_egress(typed, around, asked.tls);
  return options;
}

}  // namespace bearer::config
