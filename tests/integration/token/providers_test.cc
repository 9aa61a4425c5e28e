// Each preset against a double of its provider's token endpoint, which is as strict as the
// provider's documentation says.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config/command_line.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"
#include "token/refresh/factory.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

struct Asked {
  std::string authorization;
  std::map<std::string, std::string> form;  // decoded
  std::string dpop = {};

  bool has(const std::string& name, const std::string& value) const {
    const auto found = form.find(name);
    return found != form.end() && found->second == value;
  }
};

struct Reply {
  int status;
  nlohmann::json body;
  std::string fields = {};  // lines
};

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::string field(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

/// Judges one request after the other.
class Provider {
 public:
  explicit Provider(std::function<Reply(const Asked&)> judge)
      : judge_(std::move(judge)),
        server_([this](test::RawConnection& connection) { serve(connection); }) {}

  /// Fetches as a person does who names the preset and the rest, with this double for an endpoint.
  base::Result<token::Fetched> fetch(std::vector<std::string> settings,
                                     config::Environment environment = {}) const {
    settings.insert(settings.end(),
                    {"--upstream", "https://api.example.com", "--token-url",
                     "http://127.0.0.1:" + std::to_string(server_.port()) + "/token"});
    const config::Command command =
        config::parse_command_line(settings, environment, config::real_files());
    return token::fetch_once(command.settings.credentials.at(0));
  }

 private:
  void serve(test::RawConnection& connection) const {
    const std::string head = connection.read_until("\r\n\r\n");
    const std::string body = connection.read_bytes(std::stoul(field(head, "Content-Length")));
    Asked asked{field(head, "Authorization"), {}, field(head, "DPoP")};
    std::string_view rest = body;
    while (!rest.empty()) {
      std::string_view value = base::take_until(rest, '&');
      const std::string_view name = base::take_until(value, '=');
      asked.form[decoded(name)] = decoded(value);
    }
    const Reply reply = judge_(asked);
    const std::string text = reply.body.dump();
    connection.write("HTTP/1.1 " + std::to_string(reply.status) + " X\r\n" + reply.fields +
                     "Content-Type: application/json\r\nContent-Length: " +
                     std::to_string(text.size()) + "\r\n\r\n" + text);
  }

  const std::function<Reply(const Asked&)> judge_;
  test::RawServer server_;
};

Reply error(int status, const char* code, const char* description) {
  return {status, {{"error", code}, {"error_description", description}}};
}

// In the shapes that the providers document; each is made up. Opaque ones are not b64tokens
// everywhere (RFC 6750): Salesforce's holds a `!`.
constexpr const char* kOpaque = "xJ4mPq-V0s_tB7uYk2LhR9wEaZcD6fGnXoQi1TvM8yNbSjKpUeHrWd3A5gC";
constexpr const char* kJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6IkFCQyJ9.eyJhdWQiOiJodHRwczovL2FwaSIsInZlciI6IjEu"
    "MCJ9.c2lnbmF0dXJl";
constexpr const char* kGoogle = "ya29.c.b0Aaekm1JqZx-9Qw_rT....................v2";
constexpr const char* kSalesforce =
    "00Dzz0000000abc!AQcAQH0dMHEXAMPLEzmpkb58urFRkgeBGsxL_QJWwYMfAbUe";

Reply granted(const char* token, int expires_in = 3600) {
  return {200, {{"access_token", token}, {"token_type", "Bearer"}, {"expires_in", expires_in}}};
}

bool is_good(const base::Result<token::Fetched>& fetched, std::string_view token) {
  if (!fetched) MESSAGE(fetched.error().sentence());
  return fetched && fetched->value.reveal() == token;
}

}  // namespace

TEST_CASE("genesys: basic authentication, and a 400 that is a rate limit") {
  int requests = 0;
  const Provider provider([&](const Asked& asked) -> Reply {
    if (asked.authorization != "Basic aWQ6cw==") return error(401, "invalid_client", "who?");
    if (!asked.has("grant_type", "client_credentials")) return error(400, "invalid_request", "");
    if (++requests == 2) return {400, {{"description", "Rate limit exceeded"}}};
    return granted(kOpaque, 86400);
  });
  const config::Environment environment = {{"GENESYS_CLIENT_ID", "id"},
                                           {"GENESYS_CLIENT_SECRET", "s"}};
  const std::vector<std::string> settings = {"--preset", "genesys", "--region", "mypurecloud.de"};
  CHECK(is_good(provider.fetch(settings, environment), kOpaque));
  CHECK(base::name(provider.fetch(settings, environment).error().code) == "token_rate_limited");
}

TEST_CASE("entra: the secret in the form, and a scope that ends with /.default") {
  const Provider provider([](const Asked& asked) {
    if (!asked.has("client_id", "id") || !asked.has("client_secret", "s~.Q")) {
      return error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    if (!asked.form.at("scope").ends_with("/.default")) {
      return error(400, "invalid_scope",
                   "AADSTS1002012: The provided value for scope is not valid.");
    }
    return granted(kJwt, 3599);
  });
  const config::Environment environment = {
      {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "id"}, {"AZURE_CLIENT_SECRET", "s~.Q"}};
  CHECK(is_good(provider.fetch({"--preset", "entra"}, environment), kJwt));
  config::Environment wrong = environment;
  wrong["AZURE_CLIENT_SECRET"] = "no";
  CHECK(provider.fetch({"--preset", "entra"}, wrong).error().detail.find("AADSTS7000215") !=
        std::string::npos);
}

TEST_CASE("google: an assertion that a service account signed, its scope inside") {
  const test::Key key = test::rsa_key();
  const Provider provider([&](const Asked& asked) {
    if (!asked.has("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")) {
      return error(400, "unsupported_grant_type", "");
    }
    const test::Jws jws(asked.form.at("assertion"));
    const bool good = jws.is_by(key.get()) && jws.header.at("kid") == "k1" &&
                      jws.claims.at("iss") == "job@p.iam.gserviceaccount.com" &&
                      jws.claims.at("aud") == "https://oauth2.googleapis.com/token" &&
                      jws.claims.at("scope") == "https://www.googleapis.com/auth/cloud-platform" &&
                      jws.claims.at("exp").get<long>() - jws.claims.at("iat").get<long>() <= 3600;
    return good && asked.form.size() == 2 ? granted(kGoogle)
                                          : error(400, "invalid_grant", "Invalid JWT");
  });
  const test::TemporaryDirectory directory;
  const std::string file = directory.write(
      "key.json", nlohmann::json{{"type", "service_account"},
                                 {"client_email", "job@p.iam.gserviceaccount.com"},
                                 {"private_key_id", "k1"},
                                 {"private_key", test::private_pem(key.get())},
                                 {"token_uri", "https://oauth2.googleapis.com/token"}}
                      .dump());
  CHECK(is_good(provider.fetch({"--preset", "google"}, {{"GOOGLE_APPLICATION_CREDENTIALS", file}}),
                kGoogle));
}

TEST_CASE("google, salesforce, zoho, entra: a 400 of theirs that passes, and one that does not") {
  const auto outcome = [](const char* code, const char* description) {
    const Provider provider([&](const Asked&) { return error(400, code, description); });
    const auto fetched =
        provider.fetch({"--client-id", "c"}, {{"BEARER_PROXY_CLIENT_SECRET", "s"}});
    return std::string(base::name(fetched.error().code));
  };
  CHECK(outcome("invalid_grant", "Invalid JWT Signature.") == "token_server_error");
  CHECK(outcome("invalid_grant", "Token has been expired or revoked.") == "token_rejected");
  CHECK(outcome("invalid_grant", "login rate exceeded") == "token_rate_limited");
  CHECK(outcome("invalid_grant", "authentication failure") == "token_rejected");
  CHECK(outcome("Access Denied",
                "You have made too many requests continuously. Please try again "
                "after some time.") == "token_rate_limited");
  CHECK(outcome("invalid_grant",
                "AADSTS50196: The server terminated an operation because it "
                "encountered a client request loop.") == "token_rate_limited");
  CHECK(outcome("invalid_grant",
                "AADSTS50173: The user may have changed the password. Please "
                "try to sign in again later.") == "token_rejected");
}

TEST_CASE("okta: an assertion and a DPoP proof, each used once, a nonce, and a scope") {
  const test::Key key = test::ec_key();
  std::string last_jti;
  std::set<std::string> proofs;
  const Provider provider([&](const Asked& asked) {
    if (!asked.has("client_assertion_type",
                   "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")) {
      return error(401, "invalid_client", "Client Credentials requests must use private_key_jwt");
    }
    const test::Jws jws(asked.form.at("client_assertion"));
    const std::string jti = jws.claims.at("jti");
    const bool good = jws.is_by(key.get()) && jws.header.at("alg") == "ES256" &&
                      jws.claims.at("iss") == "id" && jws.claims.at("sub") == "id" &&
                      jws.claims.at("aud") == "https://acme.okta.com/oauth2/v1/token" &&
                      jti != last_jti;
    last_jti = jti;
    if (!good) return error(401, "invalid_client", "The client_assertion is invalid.");
    if (asked.dpop.empty()) {
      return error(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.");
    }
    const nlohmann::json proof = test::Jws(asked.dpop).claims;
    if (proof.at("htm") != "POST" || !proofs.insert(proof.at("jti")).second) {
      return error(400, "invalid_dpop_proof", "The DPoP proof JWT is invalid.");
    }
    if (proof.value("nonce", "") != "n0nce") {
      Reply challenge = error(400, "use_dpop_nonce",
                              "Authorization server requires nonce in DPoP "
                              "proof.");
      challenge.fields = "dpop-nonce: n0nce\r\n";
      return challenge;
    }
    if (!asked.has("scope", "okta.users.read")) return error(400, "invalid_scope", "");
    Reply reply = granted(kJwt);
    reply.body["token_type"] = "DPoP";
    return reply;
  });
  const test::TemporaryDirectory directory;
  const std::vector<std::string> settings = {
      "--preset",
      "okta",
      "--region",
      "acme.okta.com",
      "--client-id",
      "id",
      "--client-key",
      directory.write("key.pem", test::private_pem(key.get())),
      "--scope",
      "okta.users.read",
      "--assertion-audience",
      "https://acme.okta.com/oauth2/v1/token"};
  CHECK(is_good(provider.fetch(settings), kJwt));
  CHECK(is_good(provider.fetch(settings), kJwt));
  CHECK(proofs.size() == 4);
  std::vector<std::string> without = settings;
  without.emplace_back("--dpop=false");
  CHECK(provider.fetch(without).error().fix.find("--dpop") != std::string::npos);
}

TEST_CASE("auth0: an audience, or access_denied") {
  const Provider provider([](const Asked& asked) {
    if (!asked.has("client_secret", "s")) return error(401, "access_denied", "Unauthorized");
    if (!asked.has("audience", "https://api")) {
      return error(403, "access_denied", "Service not enabled within domain");
    }
    return granted(kJwt, 86400);
  });
  const test::TemporaryDirectory directory;
  std::vector<std::string> settings = {"--preset",
                                       "auth0",
                                       "--region",
                                       "acme.eu.auth0.com",
                                       "--client-id",
                                       "id",
                                       "--client-secret-file",
                                       directory.write("secret", "s"),
                                       "--audience",
                                       "https://api"};
  CHECK(is_good(provider.fetch(settings), kJwt));
  settings.back() = "https://other";
  const auto refused = provider.fetch(settings);
  CHECK(base::name(refused.error().code) == "token_rejected");
  CHECK(refused.error().detail.find("Service not enabled within domain") != std::string::npos);
}

TEST_CASE("keycloak: basic authentication, and a short life that is kept to") {
  const Provider provider([](const Asked& asked) {
    if (asked.authorization != "Basic aWQ6cw==") {
      return error(401, "unauthorized_client", "Invalid client or Invalid client credentials");
    }
    return Reply{200,
                 {{"access_token", kJwt},
                  {"expires_in", 60},
                  {"refresh_expires_in", 0},
                  {"token_type", "Bearer"},
                  {"not-before-policy", 0},
                  {"scope", "profile email"}}};
  });
  const test::TemporaryDirectory directory;
  const auto fetched =
      provider.fetch({"--preset", "keycloak", "--region", "sso.example.com/realms/acme",
                      "--client-id", "id", "--client-secret-file", directory.write("secret", "s")});
  CHECK(is_good(fetched, kJwt));
  CHECK(fetched->lifetime() == 60s);
}

TEST_CASE("salesforce: the secret in the form, and no expires_in") {
  const Provider provider([](const Asked& asked) {
    if (!asked.has("client_id", "id") || !asked.has("client_secret", "s")) {
      return error(400, "invalid_client", "invalid client credentials");
    }
    return Reply{200,
                 {{"access_token", kSalesforce},
                  {"instance_url", "https://acme.my.salesforce.com"},
                  {"id", "https://login.salesforce.com/id/00D/005"},
                  {"token_type", "Bearer"},
                  {"issued_at", "1712345678901"},
                  {"signature", "c2ln"}}};
  });
  const test::TemporaryDirectory directory;
  const auto fetched =
      provider.fetch({"--preset", "salesforce", "--region", "acme.my.salesforce.com", "--client-id",
                      "id", "--client-secret-file", directory.write("secret", "s")});
  CHECK(is_good(fetched, kSalesforce));
  CHECK(fetched->lifetime() == 1h);
}
