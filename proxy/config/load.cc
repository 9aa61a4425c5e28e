#include "config/load.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/build.h"
#include "config/file.h"
#include "config/presets.h"
#include "config/secret_variables.h"
#include "config/typed.h"
#include "config/validate.h"
#include "http/fields.h"

namespace bearer::config {
namespace {

FileSettings read_config_file(const Values& flat, const Files& files, ConfigErrors& problems) {
  const auto config = flat.find("config");
  if (config == flat.end()) return {};
  const std::string& path = config->second.texts.front();
  const auto content = files.read(path);
  if (content) return parse_file(*content, path, problems);
  problems.add(describe(*find_option("config"), config->second, path) +
               "the file cannot be read: " + content.error().detail);
  return {};
}

/// All values as written. Each block includes what it inherits.
struct Blocks {
  Values flat;
  std::vector<Block> credentials, routes;
};

/// Gives each credential its values. Returns what each credential's preset sets.
std::map<std::string, Values> complete_credentials(Blocks& blocks, const Values& defaults,
                                                   const Environment& environment,
                                                   ConfigErrors& problems) {
  std::map<std::string, Values> preset_by_name;
  for (Block& credential : blocks.credentials) {
    inherit(credential.values, blocks.flat);
    Values& preset = preset_by_name[credential.name];
    preset = preset_values(credential.values, environment, problems);
    inherit(credential.values, preset);
    inherit(credential.values, defaults);
  }
  return preset_by_name;
}

/// Where the base of the backoff is longer than its cap, the one that is a default gives way.
void settle_backoff(Values& values) {
  Value& first = values.at("backoff-base");
  Value& cap = values.at("backoff-max");
  const auto shortest = base::parse_duration(first.texts.front());
  const auto longest = base::parse_duration(cap.texts.front());
  if (!shortest || !longest || *shortest <= *longest) return;
  if (first.by == By::fallback) {
    first.texts = cap.texts;
    first.source += ", held to backoff_max";
  } else if (cap.by == By::fallback) {
    cap.texts = first.texts;
    cap.source += ", raised to backoff_base";
  }
}

void complete_routes(Blocks& blocks, const std::map<std::string, Values>& preset_by_name,
                     const Values& defaults) {
  for (Block& route : blocks.routes) {
    route.name = credential_of(route, blocks.credentials);
    inherit(route.values, blocks.flat);
    const auto preset = preset_by_name.find(route.name);
    if (preset != preset_by_name.end()) inherit(route.values, preset->second);
    inherit(route.values, defaults);
    settle_backoff(route.values);
  }
}

/// Notes which settings of the config file hold a secret.
void note_secrets_in_file(const Blocks& blocks, Settings& settings) {
  const auto config = blocks.flat.find("config");
  if (config == blocks.flat.end()) return;
  settings.config_file = config->second.texts.front();
  add_secrets_in_file(blocks.flat, settings.config_file, settings.secrets_in_file);
  for (const std::vector<Block>* list : {&blocks.credentials, &blocks.routes}) {
    for (const Block& block : *list) {
      add_secrets_in_file(block.values, settings.config_file, settings.secrets_in_file);
    }
  }
}

/// Hides the variables from programs that give tokens, also for a request that comes first.
void hide(const std::vector<std::string>& variables, token::CredentialOptions& credential) {
  if (!credential.token_command.empty()) credential.hidden_variables = variables;
  for (token::CredentialOptions& first : credential.before) hide(variables, first);
}

/// Adds the egress proxy that the environment names to a block whose server is reached by it, so
/// that people see it.
void add_egress(Block& block, const net::EgressOptions& egress, const http::Url& server,
                const Environment& environment) {
  constexpr std::string_view kSetting = "egress-proxy";
  if (block.values.contains(kSetting) || !egress.proxy_for(server.host).used()) return;
  if (const auto value = egress_of_environment(environment)) block.values[kSetting] = *value;
}

/// The server that is asked for this credential's tokens.
const http::Url& server_of(const token::CredentialOptions& credential) {
  return credential.issuer ? *credential.issuer : credential.token_url;
}

/// Returns the routes whose upstream is named by the token's answer, by their preset, unless a
/// person names it.
std::vector<UpstreamFromToken> upstreams_from_tokens(const Blocks& blocks, const Settings& settings,
                                                     ConfigErrors& problems) {
  std::vector<UpstreamFromToken> found;
  for (std::size_t i = 0; i < blocks.credentials.size(); ++i) {
    UpstreamFromToken rule = preset_upstream(Typed(blocks.credentials[i].values, "", problems));
    if (rule.attribute.empty()) continue;
    rule.credential = settings.credentials[i].name;
    for (std::size_t k = 0; k < blocks.routes.size(); ++k) {
      const auto upstream = blocks.routes[k].values.find("upstream");
      const bool by_preset =
          upstream != blocks.routes[k].values.end() && upstream->second.by == By::preset;
      if (by_preset && settings.routes[k].credential == rule.credential) rule.routes.push_back(k);
    }
    found.push_back(std::move(rule));
  }
  return found;
}

/// The routes for a configuration without any. A command that only gets tokens may have credentials
/// of which no route says which one it means; each has a route then, on a path of its own.
std::vector<Block> implied_routes(const std::vector<Block>& credentials, Verb verb) {
  if (verb != Verb::token || credentials.size() == 1) return {{"", "", {}}};
  std::vector<Block> routes;
  for (const Block& credential : credentials) {
    const std::string path = "/" + std::to_string(routes.size()) + "/";
    routes.push_back({"",
                      "",
                      {{"credential", {{credential.name}, credential.label, ""}},
                       {"path", {{path}, credential.label, ""}}}});
  }
  return routes;
}

constexpr std::size_t kNameColumns = 24;

/// True if the setting is about a block of this scope. Other settings in it were only inherited.
bool belongs(const Option& option, Scope scope) {
  if (option.spellings == kRouteKey) return scope == kRoute;
  return scope == kGlobal ? option.scope == kGlobal : (option.scope & scope) != 0;
}

std::string joined(const Option& option, const Value& value) {
  if (is_secret_itself(option, value)) return "set";
  std::string list;
  for (const std::string& text : value.texts) {
    const bool known = value.by == By::preset && !option.secret;  // it is in our documentation
    list += (list.empty() ? "" : ", ") + (known ? text : without_secret(option, text));
  }
  return list;
}

/// `file` is the configuration's name. For its values, the key is given, too.
std::string origin(const Option& option, const Value& value, const std::string& file) {
  if (value.by != By::person || file.empty() || value.source != file) return value.source;
  return file + ": " + setting_name(option, value.block);
}

void append(std::string& text, const Values& values, Scope scope, const std::string& file) {
  for (const Option& option : option_table()) {
    const auto found = values.find(option.name);
    if (found == values.end() || !belongs(option, scope)) continue;
    const bool itself = is_secret_itself(option, found->second);
    std::string line = "  " + (itself ? "client_secret" : option.key());
    line.resize(std::max(line.size(), kNameColumns), ' ');
    text += line + " = " + joined(option, found->second) + "  (" +
            origin(option, found->second, file) + ")\n";
  }
}

}  // namespace

Values default_values(const Subcommand& command) {
  Values values = default_values();
  for (const auto& [setting, text] : command.defaults) {
    values[setting] = {
        {std::string(text)}, "default of " + std::string(command.name), "", By::fallback};
  }
  return values;
}

FileSettings read_all(const Values& flags, const Environment& environment, const Files& files,
                      ConfigErrors& problems) {
  Values flat = flags;
  inherit(flat, environment_values(environment, problems));
  FileSettings written = read_config_file(flat, files, problems);
  inherit(flat, std::move(written.flat));
  written.flat = std::move(flat);
  return written;
}

Loaded load(const Values& flags, const Environment& environment, const Files& files,
            const Subcommand& command) {
  ConfigErrors problems;
  FileSettings written = read_all(flags, environment, files, problems);
  Blocks blocks{std::move(written.flat), std::move(written.credentials), std::move(written.routes)};
  if (blocks.credentials.empty()) blocks.credentials.push_back({"", "default", {}});
  const bool routes_written = !blocks.routes.empty();
  if (!routes_written) blocks.routes = implied_routes(blocks.credentials, command.verb);
  Values defaults = default_values(command);
  complete_routes(blocks, complete_credentials(blocks, defaults, environment, problems), defaults);
  validate_blocks(blocks.flat, blocks.credentials, blocks.routes, problems);
  problems.throw_if_any();  // what is missing because of these would only distract from them

  Values global = blocks.flat;
  inherit(global, telemetry_values(environment));
  inherit(global, std::move(defaults));
  const bool insecure_http = Typed(global, "", problems).boolean("insecure-http");
  const Surroundings around{environment, files, insecure_http, command.verb != Verb::token};
  Settings settings;
  build_service(global, around, settings, problems);
  for (const Block& block : blocks.credentials) {
    add_secret_variables(block, settings.secret_variables);
  }
  for (const Block& block : blocks.credentials) {
    token::CredentialOptions credential = build_credential(block, around, problems);
    hide(settings.secret_variables, credential);
    settings.credentials.push_back(std::move(credential));
  }
  for (const Block& block : blocks.routes) {
    relay::RouteOptions route = build_route(block, around, problems);
    route.response_fields_max = std::max(http::kFieldsMax, settings.service.request_fields_max);
    settings.routes.push_back(std::move(route));
  }
  settings.upstreams_from_tokens = upstreams_from_tokens(blocks, settings, problems);
  note_secrets_in_file(blocks, settings);
  validate(settings, problems);
  problems.throw_if_any();
  for (std::size_t i = 0; i < blocks.credentials.size(); ++i) {
    const token::CredentialOptions& credential = settings.credentials[i];
    add_egress(blocks.credentials[i], credential.egress, server_of(credential), environment);
  }
  for (std::size_t i = 0; i < blocks.routes.size(); ++i) {
    const relay::RouteOptions& route = settings.routes[i];
    add_egress(blocks.routes[i], route.egress, route.upstream, environment);
  }
  return {std::move(settings),
          {std::move(global), std::move(blocks.credentials), std::move(blocks.routes)},
          routes_written};
}

std::string effective_text(const EffectiveValues& values) {
  const auto config = values.global.find("config");
  const std::string file = config == values.global.end() ? "" : config->second.texts.front();
  std::string text = "the program as a whole\n";
  append(text, values.global, kGlobal, file);
  for (const Block& credential : values.credentials) {
    text += "credential " + credential.name + "\n";
    append(text, credential.values, kCredential, file);
  }
  for (const Block& route : values.routes) {
    const auto host = route.values.find("host");
    text += "route " + (host == route.values.end() ? "" : host->second.texts.front()) +
            route.values.at("path").texts.front() + ", credential " + route.name + "\n";
    append(text, route.values, kRoute, file);
  }
  return text;
}

}  // namespace bearer::config
