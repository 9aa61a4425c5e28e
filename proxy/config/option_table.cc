#include "config/option_table.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"

namespace bearer::config {
namespace {

constexpr unsigned kBoth = kRoute | kCredential;

/// The words of a name: `token` and `url` of `--token-url` or `token_url`, lower case and sorted.
std::set<std::string> words_of(std::string_view name) {
  std::set<std::string> words;
  while (!name.empty()) {
    const std::string_view word = name.substr(0, name.find_first_of("-_"));
    if (!word.empty()) words.insert(base::to_lower(word));
    name.remove_prefix(std::min(word.size() + 1, name.size()));
  }
  return words;
}

/// For names with missing words, or words in another order: the candidate that has all the words
/// and the fewest others. Empty if there is none, or several.
std::string_view nearest_by_words(std::string_view word,
                                  std::span<const std::string_view> candidates) {
  const std::set<std::string> wanted = words_of(word);
  std::string_view best;
  std::size_t fewest = 0;
  for (const std::string_view candidate : candidates) {
    const std::set<std::string> has = words_of(candidate);
    if (wanted.empty() || !std::ranges::includes(has, wanted)) continue;
    if (fewest == 0 || has.size() < fewest) {
      best = candidate;
      fewest = has.size();
    } else if (has.size() == fewest) {
      best = {};
    }
  }
  return best;
}

// clang-format off
constexpr Option kTable[] = {
  {.name = "config", .kind = Kind::file,
   .help = "JSON file of these settings, credentials and routes; // comments allowed",
   .spellings = kFlag | kEnvironment},

  {.name = "listen", .kind = Kind::address, .default_text = "127.0.0.1:8080", .group = Group::clients,
   .help = "where clients connect; port 0 takes a free one", .repeats = Repeats::commas},
  {.name = "allow-remote", .kind = Kind::boolean, .default_text = "false", .group = Group::clients,
   .help = "listen beyond loopback: whoever reaches the address uses the token"},
  {.name = "allow-host", .group = Group::clients,
   .help = "Host served beside loopback's and the proxy's own addresses (others: 421)",
   .repeats = Repeats::commas, .placeholder = "NAME"},
  {.name = "allow-origin", .group = Group::clients,
   .help = "browser origin served beside the proxy's own (others: 403)",
   .repeats = Repeats::commas, .placeholder = "ORIGIN"},
  {.name = "deny-method", .group = Group::clients,
   .help = "requests of this method get 403", .repeats = Repeats::commas, .placeholder = "M"},
  {.name = "deny-path", .group = Group::clients,
   .help = "requests under this path get 403, however it is spelled", .repeats = Repeats::commas,
   .placeholder = "PREFIX"},
  {.name = "socket-mode", .default_text = "0600", .group = Group::clients,
   .help = "permissions of unix sockets", .placeholder = "MODE"},
  {.name = "allow-uid", .kind = Kind::user, .group = Group::clients,
   .help = "user of this machine who is served, by number, or any (default: any; exec: its own and "
           "root)",
   .repeats = Repeats::commas},
  {.name = "admin", .kind = Kind::address, .default_text = "127.0.0.1:9180", .group = Group::clients,
   .help = "where health, metrics and the status page are served; off: nowhere"},

  {.name = "upstream", .kind = Kind::url, .group = Group::upstream,
   .help = "base URL of the API; a path in it is prefixed to every request path", .scope = kRoute},
  {.name = "connect-timeout", .kind = Kind::duration, .default_text = "10s", .group = Group::upstream,
   .help = "for DNS, TCP and TLS, to the upstream and to the token endpoint", .scope = kBoth},
  {.name = "response-timeout", .kind = Kind::duration, .default_text = "60s", .group = Group::upstream,
   .help = "from the request's last byte to the response's head", .scope = kRoute},
  {.name = "idle-timeout", .kind = Kind::duration, .default_text = "60s", .group = Group::upstream,
   .help = "without a byte in either direction on a body; 0: none", .scope = kRoute},
  {.name = "upstream-http", .kind = Kind::choice, .default_text = "auto", .group = Group::upstream,
   .help = "auto: HTTP/2 for clients that speak it, where the upstream offers it by ALPN; or 1.1, or 2 "
           "for every client, also without TLS",
   .scope = kRoute, .placeholder = "V"},
  {.name = "ca-file", .kind = Kind::file, .group = Group::upstream,
   .help = "PEM certificates to trust instead of the system's", .scope = kBoth},
  {.name = "rewrite-body-links", .kind = Kind::boolean, .default_text = "false",
   .group = Group::upstream,
   .help = "rewrite the upstream's absolute URLs inside JSON bodies too, and back in requests; all: "
           "inside XML and HTML of responses as well", .scope = kRoute, .placeholder = "[off|on|json|all]", .words = "json,all"},
  {.name = "address-field", .group = Group::upstream,
   .help = "field that holds addresses amid other text; those of the upstream lead to the proxy in "
           "responses, and the proxy's to the upstream in requests",
   .scope = kRoute, .repeats = Repeats::commas, .placeholder = "NAME"},
  {.name = "auth-field", .default_text = "Authorization", .group = Group::upstream,
   .help = "request field that carries the token", .scope = kRoute, .placeholder = "NAME"},
  {.name = "auth-scheme", .default_text = "Bearer", .group = Group::upstream,
   .help = "what stands before the token in that field; may be empty", .scope = kRoute,
   .may_be_empty = true, .placeholder = "S"},
  {.name = "set-header", .group = Group::upstream,
   .help = "field of every request, in place of the client's; a secret belongs into a "
           "--set-header-file",
   .scope = kRoute, .repeats = Repeats::one_a_variable, .secret = true, .placeholder = "'N: V'"},
  {.name = "set-header-file", .kind = Kind::file, .group = Group::upstream,
   .help = "file with such fields, a line `Name: value` each", .scope = kRoute,
   .repeats = Repeats::commas},
  {.name = "stub-token", .group = Group::upstream,
   .help = "path at which a client's own token request (POST) gets a placeholder, which the real "
           "token replaces in requests; * and ** as in --read-only-post",
   .scope = kRoute, .repeats = Repeats::commas, .placeholder = "PATH"},
  {.name = "client-cert", .kind = Kind::file, .group = Group::upstream,
   .help = "our certificate in PEM, where the upstream or the token endpoint asks for one",
   .scope = kBoth},
  {.name = "client-key", .kind = Kind::file, .group = Group::upstream,
   .help = "its key in PEM; and the key of signed assertions, in PEM or as a JWK", .scope = kBoth},
  {.name = "egress-proxy", .kind = Kind::url, .group = Group::upstream,
   .help = "CONNECT through this proxy, http://user:password@host:port (user and password not in an "
           "argument); else by HTTPS_PROXY; NO_PROXY holds for both, and loopback is always reached "
           "directly",
   .scope = kBoth, .secret = true, .user_information = true},
  {.name = "insecure-http", .kind = Kind::boolean, .default_text = "false", .group = Group::upstream,
   .help = "allow plain http to other machines, where secret and token can be read"},

  {.name = "preset", .kind = Kind::choice, .group = Group::credential,
   .help = "fills in what a provider needs: genesys entra google okta auth0 keycloak salesforce "
           "github-app; and what a platform gives its workloads: azure-workload-identity "
           "azure-managed-identity gce gcp-workload-identity cloud-run",
   .scope = kCredential, .placeholder = "NAME"},
  {.name = "region", .group = Group::credential,
   .help = "the preset's region, tenant or domain, such as mypurecloud.de", .scope = kCredential, .placeholder = "R"},
  {.name = "token-url", .kind = Kind::url, .group = Group::credential,
   .help = "OAuth 2.0 token endpoint", .scope = kCredential},
  {.name = "issuer", .kind = Kind::url, .group = Group::credential,
   .help = "discover the token endpoint from its OpenID or RFC 8414 metadata", .scope = kCredential},
  {.name = "token-method", .kind = Kind::choice, .default_text = "POST", .group = Group::credential,
   .help = "POST, or GET: the parameters of the token request are in the query then",
   .scope = kCredential, .placeholder = "M", .words = "POST,GET"},
  {.name = "token-body", .kind = Kind::choice, .default_text = "form", .group = Group::credential,
   .help = "form, or json: the parameters of the token request as a JSON object",
   .scope = kCredential, .placeholder = "B", .words = "form,json"},
  {.name = "token-header", .group = Group::credential,
   .help = "further field of the token request, such as 'Accept-Language: en'", .scope = kCredential,
   .repeats = Repeats::one_a_variable, .secret = true, .placeholder = "'N: V'"},
  {.name = "token-header-file", .kind = Kind::file, .group = Group::credential,
   .help = "file with such fields, one a line, read at each token request: for an API key",
   .scope = kCredential},
  {.name = "token-member", .default_text = "access_token", .group = Group::credential,
   .help = "member of the answer that is the token, such as data.token; a dot alone: the whole "
           "answer is the token", .scope = kCredential, .placeholder = "PATH"},
  {.name = "expiry-member", .default_text = "expires_in", .group = Group::credential,
   .help = "member that says when the token ends: a lifetime in seconds, or a moment",
   .scope = kCredential, .placeholder = "PATH"},
  {.name = "grant", .default_text = "client_credentials", .group = Group::credential,
   .help = "client_credentials, refresh_token, password, jwt_bearer, token_exchange; none: no "
           "grant_type is sent; any other value is sent as it is, its parameters with --token-param",
   .scope = kCredential, .placeholder = "NAME"},
  {.name = "refresh-token-file", .kind = Kind::file, .group = Group::credential,
   .help = "for refresh_token: read at each use, replaced when the server rotates it",
   .scope = kCredential},
  {.name = "username", .group = Group::credential,
   .help = "for password; whom the assertion is about, for a jwt_bearer that is signed here",
   .scope = kCredential, .placeholder = "U"},
  {.name = "password-file", .kind = Kind::file, .group = Group::credential,
   .help = "for password: read at each use", .scope = kCredential},
  {.name = "assertion-file", .kind = Kind::file, .group = Group::credential,
   .help = "for jwt_bearer: a ready assertion, read at each use", .scope = kCredential},
  {.name = "service-account-file", .kind = Kind::file, .group = Group::credential,
   .help = "for jwt_bearer: a Google service account's key file as it is downloaded",
   .scope = kCredential},
  {.name = "external-account-file", .kind = Kind::file, .group = Group::credential,
   .help = "for token_exchange: the configuration of a Google external account (workload identity "
           "federation) as it is downloaded; it says the rest",
   .scope = kCredential},
  {.name = "subject-token-file", .kind = Kind::file, .group = Group::credential,
   .help = "for token_exchange: read at each use", .scope = kCredential},
  {.name = "subject-token-type", .default_text = "urn:ietf:params:oauth:token-type:jwt",
   .group = Group::credential, .help = "for token_exchange: what is in that file",
   .scope = kCredential, .placeholder = "T"},
  {.name = "client-id", .group = Group::credential,
   .help = "OAuth 2.0 client", .scope = kCredential, .placeholder = "ID"},
  {.name = "client-secret-file", .kind = Kind::file, .group = Group::credential,
   .help = "file with the client's secret, read at each token request", .scope = kCredential},
  {.name = "client-secret", .group = Group::credential,
   .help = "the client's secret itself", .scope = kCredential, .spellings = kEnvironment, .secret = true},
  {.name = "client-secret-env", .group = Group::credential,
   .help = "name of an environment variable that holds the client's secret", .scope = kCredential,
   .spellings = kKey, .placeholder = "NAME"},
  {.name = "auth-method", .kind = Kind::choice, .default_text = "client_secret_basic",
   .group = Group::credential,
   .help = "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, "
           "tls_client_auth, bearer_jwt (a JWT signed with client_key is the Bearer token of the "
           "request) or none; where a grant needs no client and no secret is set: none",
   .scope = kCredential, .placeholder = "M",
   .words = "client_secret_basic,client_secret_post,client_secret_jwt,"
            "private_key_jwt,tls_client_auth,bearer_jwt,none"},
  {.name = "client-assertion-file", .kind = Kind::file, .group = Group::credential,
   .help = "an assertion about the client that something else rotates, read at each token request; "
           "it takes the place of a secret, with any grant",
   .scope = kCredential},
  {.name = "client-assertion-type",
   .default_text = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
   .group = Group::credential, .help = "what is in that file", .scope = kCredential,
   .placeholder = "T"},
  {.name = "basic-encoding", .kind = Kind::choice, .default_text = "form", .group = Group::credential,
   .help = "form (RFC 6749), or raw for servers that reject encoded secrets",
   .scope = kCredential, .placeholder = "E", .words = "form,raw"},
  {.name = "key-id", .group = Group::credential,
   .help = "kid of signed assertions; else the JWK's own", .scope = kCredential,
   .placeholder = "KID"},
  {.name = "assertion-algorithm", .kind = Kind::choice, .default_text = "auto",
   .group = Group::credential,
   .help = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA; auto: what fits the "
           "key", .scope = kCredential, .placeholder = "A",
   .words = "auto,RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,EdDSA"},
  {.name = "assertion-claim", .group = Group::credential,
   .help = "further claim of the assertion that is signed here, or one in place of ours; a JSON "
           "object or array is that; without a value: the claim is left out",
   .scope = kCredential, .repeats = Repeats::one_a_variable, .placeholder = "K=V"},
  {.name = "assertion-audience", .group = Group::credential,
   .help = "aud of signed assertions; else the issuer, or the token URL", .scope = kCredential,
   .placeholder = "A"},
  {.name = "dpop", .kind = Kind::boolean, .default_text = "false", .group = Group::credential,
   .help = "bind the token to a key and prove with each request that it is here (RFC 9449)",
   .scope = kCredential},
  {.name = "dpop-key-file", .kind = Kind::file, .group = Group::credential,
   .help = "that key: P-256 or Ed25519, in PEM or as a JWK; without it each start makes a new one",
   .scope = kCredential},
  {.name = "scope", .group = Group::credential,
   .help = "added to the token request", .scope = kCredential, .placeholder = "S"},
  {.name = "audience", .group = Group::credential,
   .help = "added to the token request", .scope = kCredential, .placeholder = "A"},
  {.name = "resource", .group = Group::credential,
   .help = "added to the token request (RFC 8707)", .scope = kCredential,
   .repeats = Repeats::one_a_variable, .placeholder = "R"},
  {.name = "token-param", .group = Group::credential,
   .help = "further parameter of the token request", .scope = kCredential,
   .repeats = Repeats::one_a_variable, .secret = true, .placeholder = "K=V"},
  {.name = "token-file", .kind = Kind::file, .group = Group::credential,
   .help = "instead of OAuth: a file that something else rotates, with a token or JSON",
   .scope = kCredential},
  {.name = "token-command", .group = Group::credential,
   .help = "instead of OAuth: a command that prints a token or JSON; it runs without a shell",
   .scope = kCredential, .secret = true, .placeholder = "CMD"},
  {.name = "refresh-margin", .kind = Kind::duration, .default_text = "120s", .group = Group::credential,
   .help = "renew this long before expiry; at most half of the token's lifetime",
   .scope = kCredential},
  {.name = "token-store", .default_text = "memory", .group = Group::credential,
   .help = "where processes share one token: memory (not at all), file:PATH (those of a host), "
           "redis://[user:password@]host:port/db or rediss:// (a fleet)",
   .scope = kCredential, .secret = true, .user_information = true, .placeholder = "URL"},
  {.name = "token-store-key-file", .kind = Kind::file, .group = Group::credential,
   .help = "32 bytes in base64 or hex: encrypts what is kept in Redis", .scope = kCredential},
  {.name = "token-wait", .kind = Kind::duration, .default_text = "10s", .group = Group::credential,
   .help = "how long a request waits for a first or renewed token", .scope = kRoute},

  {.name = "max-retries", .kind = Kind::count, .default_text = "10", .group = Group::retries,
   .help = "after 429, 5xx and transport faults, as far as the window goes; a plain 500 three times; "
           "a replay after a 401 does not count", .scope = kRoute, .most = 1000},
  {.name = "backoff-base", .kind = Kind::duration, .default_text = "1s", .group = Group::retries,
   .help = "the n-th retry (from 0) waits base * 2^n, and jitter on top", .scope = kRoute},
  {.name = "backoff-max", .kind = Kind::duration, .default_text = "30s", .group = Group::retries,
   .help = "cap on base * 2^n, not on Retry-After; a base that is not set gives way to it",
   .scope = kRoute},
  {.name = "retry-window", .kind = Kind::duration, .default_text = "5m", .group = Group::retries,
   .help = "total time that a request may spend on retries", .scope = kRoute},
  {.name = "retry-unsafe", .kind = Kind::choice, .default_text = "refused", .group = Group::retries,
   .help = "POST and PATCH without an Idempotency-Key: never; refused (where the answer says that "
           "nothing was carried out: 408, 429, 503, a 403 that is a rate limit); status (any that is "
           "retried); always (also after a lost connection)",
   .scope = kRoute, .placeholder = "P", .words = "never,refused,status,always"},
  {.name = "read-only-post", .group = Group::retries,
   .help = "path of POSTs that only read, retried as a GET is: /search, /api/*/query; ** stands for "
           "any number of segments",
   .scope = kRoute, .repeats = Repeats::commas, .placeholder = "PATTERN"},
  {.name = "renew-status", .kind = Kind::statuses, .default_text = "401", .group = Group::retries,
   .help = "statuses by which this API says that a token is dead: 401,403", .scope = kRoute,
   .repeats = Repeats::commas},
  {.name = "retry-status", .kind = Kind::statuses, .default_text = "408,429,5xx", .group = Group::retries,
   .help = "statuses that are retried; 5xx: all of them but 501 and 505", .scope = kRoute,
   .repeats = Repeats::commas},
  {.name = "replay-max", .kind = Kind::size, .default_text = "64MiB", .group = Group::retries,
   .help = "largest request body kept for a replay; a larger one is sent once", .scope = kRoute},
  {.name = "replay-memory", .kind = Kind::size, .default_text = "256KiB", .group = Group::retries,
   .help = "what of it stays in memory; the rest goes to an unlinked file", .scope = kRoute},
  {.name = "replay-total", .kind = Kind::size, .default_text = "1GiB", .group = Group::retries,
   .help = "what all kept bodies together may take on disk; beyond it a body is sent once"},

  {.name = "resume-downloads", .kind = Kind::boolean, .default_text = "true", .group = Group::retries,
   .help = "a GET's body of known length with a strong ETag that breaks off goes on with Range and "
           "If-Range",
   .scope = kRoute},

  {.name = "pacing", .kind = Kind::choice, .default_text = "auto", .group = Group::limits,
   .help = "auto: space requests when the upstream's quota runs low, or to keep the rate; off: never",
   .scope = kRoute, .placeholder = "P", .words = "auto,off"},
  {.name = "rate", .group = Group::limits,
   .help = "requests that the upstream may get in a period: 300/m, 10/s, 1000/h", .scope = kRoute,
   .placeholder = "N/PERIOD"},
  {.name = "max-connections", .kind = Kind::count, .default_text = "10000", .group = Group::limits,
   .help = "further clients wait in the accept queue", .least = 1, .most = 1000000},
  {.name = "max-fields", .kind = Kind::count, .default_text = "128", .group = Group::limits,
   .help = "fields that a request may have; a response may have 1000, or as many", .least = 16, .most = 16384},
  {.name = "max-in-flight", .kind = Kind::count, .default_text = "0", .group = Group::limits,
   .help = "requests at the upstream at once, the rest queue; 0: no limit", .scope = kRoute},
  {.name = "threads", .kind = Kind::count, .default_text = "1", .group = Group::limits,
   .help = "event loops", .least = 1, .most = 64},
  {.name = "spin", .kind = Kind::choice, .default_text = "auto", .group = Group::limits,
   .help = "auto: with one or two requests under way, an event loop looks for what comes next before "
           "it sleeps, for up to 100 us and as long as that pays: they are answered sooner, for more "
           "CPU time; off: it sleeps at once", .placeholder = "S", .words = "auto,off"},
  {.name = "drain-timeout", .kind = Kind::duration, .default_text = "30s", .group = Group::limits,
   .help = "time for what is in flight when the proxy is told to end"},

  {.name = "log-format", .kind = Kind::choice, .default_text = "text", .group = Group::log,
   .help = "text or json, to stderr", .placeholder = "F", .words = "text,json"},
  {.name = "log-level", .kind = Kind::choice, .default_text = "info", .group = Group::log,
   .help = "debug, info, warn or error", .placeholder = "L", .words = "debug,info,warn,error"},
  {.name = "access-log", .kind = Kind::file, .group = Group::log,
   .help = "one JSON object a request to a file, or - for stdout", .placeholder = "FILE"},
  {.name = "access-log-query", .kind = Kind::boolean, .default_text = "false", .group = Group::log,
   .help = "put each path's query into the access log too"},
  {.name = "status-requests", .kind = Kind::count, .default_text = "512", .group = Group::log,
   .help = "requests that ended which /status/requests and the status page know; 0: none",
   .most = 10'000},
  {.name = "otlp-endpoint", .kind = Kind::url, .group = Group::log,
   .help = "OpenTelemetry collector that gets a span for each request and attempt, in JSON over HTTP: "
           "http://127.0.0.1:4318; else by OTEL_EXPORTER_OTLP_ENDPOINT"},
  {.name = "otlp-header-file", .kind = Kind::file, .group = Group::log,
   .help = "file with fields for that collector, such as an API key, a line `Name: value` each"},
  {.name = "otlp-sample", .kind = Kind::share, .default_text = "1", .group = Group::log,
   .help = "share of the traces that begin here which is sent there, such as 0.05; one that came with "
           "the request follows what that says; else by OTEL_TRACES_SAMPLER and its _ARG"},
  {.name = "otlp-service", .default_text = "bearer-proxy", .group = Group::log,
   .help = "service.name of those spans; else by OTEL_SERVICE_NAME", .placeholder = "NAME"},

  {.name = "path", .default_text = "/", .help = "prefix of the request's path; the longest wins",
   .scope = kRoute, .spellings = kRouteKey},
  {.name = "host", .help = "Host that the route is for", .scope = kRoute, .spellings = kRouteKey},
  {.name = "strip-prefix", .kind = Kind::boolean, .default_text = "false",
   .help = "leave the path's prefix out of what the upstream sees", .scope = kRoute,
   .spellings = kRouteKey},
  {.name = "credential", .help = "name of an entry of credentials", .scope = kRoute,
   .spellings = kRouteKey},
};
// clang-format on

}  // namespace

std::string Option::flag() const {
  return "--" + std::string(name);
}

std::string Option::environment() const {
  std::string text(kEnvironmentPrefix);
  for (const char c : name) {
    text += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return text;
}

bool Option::takes_word(std::string_view word) const {
  std::string_view rest = words;
  while (!rest.empty()) {
    if (base::take_until(rest, ',') == word) return true;
  }
  return false;
}

std::string Option::key() const {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::span<const Option> option_table() {
  return kTable;
}

const Option* find_option(std::string_view name) {
  const auto* found = std::ranges::find(kTable, name, &Option::name);
  return found == std::end(kTable) ? nullptr : found;
}

bool names_client_secret(std::string_view name) {
  std::string letters = base::to_lower(name);
  std::erase_if(letters, [](char c) { return c == '-' || c == '_'; });
  return letters == "clientsecret";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  std::string_view best = base::nearest(word, views);
  if (best.empty()) best = nearest_by_words(word, views);
  return best.empty() ? std::string() : "; did you mean " + std::string(prefix).append(best) + "?";
}

}  // namespace bearer::config
