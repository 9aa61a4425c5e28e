#include "tests/sandbox/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <stdexcept>

#include "tests/sandbox/duration.h"

namespace bearer::sandbox {

namespace {

/// An option whose text `set` reads; what `set` throws becomes a usage error.
void add_parsed(CLI::App& app, const std::string& name, const std::string& help,
                const std::function<void(const std::string&)>& set) {
  app.add_option_function<std::string>(
      name,
      [name, set](const std::string& text) {
        try {
          set(text);
        } catch (const std::invalid_argument& error) {
          throw CLI::ValidationError(name, error.what());
        }
      },
      help);
}

/// `first` sets `is_first`, `second` clears it.
void add_choice(CLI::App& app, const std::string& name, const std::string& help,
                const std::string& first, const std::string& second, bool& is_first) {
  add_parsed(app, name, help + ": " + first + " (the default) or " + second,
             [first, second, &is_first](const std::string& text) {
               if (text != first && text != second) {
                 throw std::invalid_argument("must be " + first + " or " + second);
               }
               is_first = text == first;
             });
}

void add_duration(CLI::App& app, const std::string& name, const std::string& help,
                  Milliseconds& duration) {
  add_parsed(app, name, help,
             [&duration](const std::string& text) { duration = parse_duration(text); });
}

void add_server(CLI::App& app, Options& options) {
  ServerOptions& server = options.server;
  app.add_option("--address", server.address, "where to listen");
  app.add_option("--port", server.port, "0 takes a free one")->check(CLI::Range(0, 65535));
  CLI::Option* cert = app.add_option("--tls-cert", server.tls_cert, "PEM file: serve TLS");
  CLI::Option* key = app.add_option("--tls-key", server.tls_key, "PEM file");
  app.add_option("--tls-client-ca", server.tls_client_ca,
                 "PEM file: clients must show a certificate of this authority")
      ->needs(cert);
  cert->needs(key);
  key->needs(cert);
  app.add_flag("--end-with-stdin", options.end_with_stdin, "end when standard input is closed");
}

void add_tokens(CLI::App& app, SandboxOptions& options) {
  MintOptions& mint = options.mint;
  app.add_option("--client-id", options.client.id, "");
  app.add_option("--client-secret", options.client.secret, "");
  app.add_option("--auth-method", options.client.method,
                 "the only one taken: client_secret_jwt, private_key_jwt, tls_client_auth or none; "
                 "else the secret by Basic or in the form");
  app.add_option("--client-public-key", options.client.public_key, "PEM file, for private_key_jwt");
  add_choice(app, "--basic-encoding", "id and secret inside Basic", "form", "raw",
             options.client.basic_is_form_encoded);
  add_choice(app, "--token-format", "of access tokens", "jwt", "opaque", mint.is_jwt);
  add_duration(app, "--token-lifetime", "24h if left out", mint.lifetime);
  add_duration(app, "--revoke-every", "revoke all tokens issued so far, again and again",
               mint.revoke_every);
  add_parsed(app, "--token-answers", "first answers of the token endpoint, e.g. 429,500,html,slow",
             [&options](const std::string& text) {
               TokenScript().append_names(text);  // throws if it cannot be read
               options.token_answers = text;
             });
}

void add_grants(CLI::App& app, GrantOptions& grants) {
  app.add_option("--refresh-token", grants.refresh_token, "grants refresh_token: the first one");
  app.add_option("--user", grants.user, "grants password, to this one");
  app.add_option("--password", grants.password, "");
  app.add_option("--grant-public-key", grants.public_key,
                 "PEM file: grants jwt_bearer and token_exchange, to what its key signed");
}

void add_api(CLI::App& app, SandboxOptions& options) {
  add_duration(app, "--latency", "of each answer of the API", options.latency);
  add_parsed(app, "--faults",
             "e.g. seed=7,429=5%,5xx=5%,reset=1%,401=1%,delay=2%,delay-ms=300,after=1%,in-a-row=3; "
             "after: a 500, 502, 504 or a reset after the request was carried out",
             [&options](const std::string& text) { options.faults = parse_faults(text); });
  add_parsed(app, "--outage",
             "e.g. 20s+15s: 20 s after the start the API answers 503 for 15 s; 20s+15s,reset: its "
             "connections are reset",
             [&options](const std::string& text) { options.outage = parse_outage(text); });
  add_parsed(app, "--cut-downloads",
             "e.g. times=5,seed=7: the connection of each file's download ends 5 times",
             [&options](const std::string& text) { options.cuts = parse_cuts(text); });
  add_parsed(app, "--quota", "requests that each token may make in a window, e.g. 300/m",
             [&options](const std::string& text) {
               const QuotaFields fields = options.quota.fields;
               options.quota = parse_quota(text);
               options.quota.fields = fields;
             });
  add_parsed(
      app, "--quota-headers", "that tell of the quota: inin (the default), ietf, x or none",
      [&options](const std::string& text) { options.quota.fields = parse_quota_fields(text); });
  add_choice(app, "--links", "to the next page", "absolute", "relative",
             options.users.absolute_links);
  app.add_option("--users", options.users.total, "how many there are");
  app.add_option("--conversations", options.analytics.total, "how many there are");
  app.add_option_function<std::uint64_t>(
      "--data-seed",
      [&options](std::uint64_t seed) { options.users.seed = options.analytics.seed = seed; },
      "other users and conversations");
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("A token endpoint and an API to practise on, for tests and demonstrations.",
               "bearer-sandbox");
  app.option_defaults()->always_capture_default();
  add_server(app, options);
  add_tokens(app, options.sandbox);
  add_grants(app, options.sandbox.grants);
  add_api(app, options.sandbox);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

}  // namespace bearer::sandbox
