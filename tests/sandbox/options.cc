#include "tests/sandbox/options.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <stdexcept>

#include "tests/sandbox/command_line.h"

namespace bearer::sandbox {

namespace {

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

/// `first` sets `is_first`, `second` clears it.
void add_choice(CommandLine& line, const std::string& name, const std::string& help,
                const std::string& first, const std::string& second, bool& is_first) {
  line.add(name, help + ": " + first + " (the default) or " + second,
           [first, second, &is_first](const std::string& text) {
             if (text != first && text != second) {
               throw std::invalid_argument("must be " + first + " or " + second);
             }
             is_first = text == first;
           });
}

void add_total(CommandLine& line, const std::string& name, std::uint64_t& total) {
  line.add_number(name, "how many there are (" + std::to_string(total) + " if left out)",
                  kAnyNumber, [&total](std::uint64_t number) { total = number; });
}

void add_server(CommandLine& line, Options& options) {
  ServerOptions& server = options.server;
  line.add_text("address", "where to listen", server.address);
  line.add_number("port", "0, the default, takes a free one", 65535,
                  [&server](std::uint64_t port) { server.port = static_cast<int>(port); });
  line.add_text("tls-cert", "PEM file: serve TLS", server.tls_cert);
  line.add_text("tls-key", "PEM file", server.tls_key);
  line.add_text("tls-client-ca", "PEM file: clients must show a certificate of this authority",
                server.tls_client_ca);
  line.add_flag("end-with-stdin", "end when standard input is closed", options.end_with_stdin);
}

void check_server(const ServerOptions& server) {
  if (server.tls_cert.empty() != server.tls_key.empty()) {
    throw std::invalid_argument("--tls-cert and --tls-key go together");
  }
  if (!server.tls_client_ca.empty() && server.tls_cert.empty()) {
    throw std::invalid_argument("--tls-client-ca needs --tls-cert");
  }
}

void add_tokens(CommandLine& line, SandboxOptions& options) {
  MintOptions& mint = options.mint;
  line.add_text("client-id", "the one client", options.client.id);
  line.add_text("client-secret", "its secret", options.client.secret);
  line.add_text("auth-method",
                "the only one taken: client_secret_jwt, private_key_jwt, tls_client_auth or none; "
                "else the secret by Basic or in the form",
                options.client.method);
  line.add_text("client-public-key", "PEM file, for private_key_jwt", options.client.public_key);
  add_choice(line, "basic-encoding", "id and secret inside Basic", "form", "raw",
             options.client.basic_is_form_encoded);
  add_choice(line, "token-format", "of access tokens", "jwt", "opaque", mint.is_jwt);
  line.add_duration("token-lifetime", "24h if left out", mint.lifetime);
  line.add_duration("revoke-every", "revoke all tokens issued so far, again and again",
                    mint.revoke_every);
  line.add_flag("dpop", "tokens are bound to the client's key, and requests want a proof of it",
                options.dpop.required);
  line.add_duration("dpop-nonce-life",
                    "proofs want a nonce that changes so often; the one before is taken, too",
                    options.dpop.nonce_life);
  line.add("token-answers", "first answers of the token endpoint, e.g. 429,500,html,slow",
           [&options](const std::string& text) {
             TokenScript().append_names(text);  // throws if it cannot be read
             options.token_answers = text;
           });
}

void add_grants(CommandLine& line, GrantOptions& grants) {
  line.add_text("refresh-token", "grants refresh_token: the first one", grants.refresh_token);
  line.add_text("user", "grants password, to this one", grants.user);
  line.add_text("password", "the user's", grants.password);
  line.add_text("grant-public-key",
                "PEM file: grants jwt_bearer and token_exchange, to what its key signed",
                grants.public_key);
}

void add_api(CommandLine& line, SandboxOptions& options) {
  line.add_duration("latency", "of each answer of the API", options.latency);
  line.add("faults",
           "e.g. seed=7,429=5%,5xx=5%,reset=1%,401=1%,delay=2%,delay-ms=300,after=1%,in-a-row=3; "
           "after: a 500, 502, 504 or a reset after the request was carried out",
           [&options](const std::string& text) { options.faults = parse_faults(text); });
  line.add(
      "outage",
      "e.g. 20s+15s: 20 s after its first request the API answers 503 for 15 s; 20s+15s,reset: its "
      "connections are reset",
      [&options](const std::string& text) { options.outage = parse_outage(text); });
  line.add("cut-downloads",
           "e.g. times=5,seed=7: the connection of each file's download ends 5 times",
           [&options](const std::string& text) { options.cuts = parse_cuts(text); });
  line.add("quota", "requests that each token may make in a window, e.g. 300/m",
           [&options](const std::string& text) {
             const QuotaFields fields = options.quota.fields;
             options.quota = parse_quota(text);
             options.quota.fields = fields;
           });
  line.add(
      "quota-headers", "that tell of the quota: inin (the default), ietf, x or none",
      [&options](const std::string& text) { options.quota.fields = parse_quota_fields(text); });
  add_choice(line, "links", "to the next page", "absolute", "relative",
             options.users.absolute_links);
  add_total(line, "users", options.users.total);
  add_total(line, "conversations", options.analytics.total);
  line.add_number(
      "data-seed", "other users and conversations", kAnyNumber,
      [&options](std::uint64_t seed) { options.users.seed = options.analytics.seed = seed; });
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  CommandLine line;
  add_server(line, options);
  add_tokens(line, options.sandbox);
  add_grants(line, options.sandbox.grants);
  add_api(line, options.sandbox);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    std::cout << "A token endpoint and an API to practise on, for tests and demonstrations.\n"
              << line.help();
    std::exit(0);
  }
  try {
    line.parse(arguments);
    check_server(options.server);
  } catch (const std::invalid_argument& error) {
    std::cerr << "bearer-sandbox: " << error.what() << "\n";
    std::exit(2);
  }
  return options;
}

}  // namespace bearer::sandbox
