#include "token/oauth/oauth_fetcher.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "tests/support/captured.h"
#include "tests/support/content.h"
#include "tests/support/eventually.h"
#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "token/dpop/key_binding.h"
#include "token/expiry.h"
#include "token/secret/secret_file.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// Gives the answer it was made with, and keeps what it was asked.
class ScriptedEndpoint final : public token::Endpoint {
 public:
  ScriptedEndpoint(const base::Clock& clock, int status, std::string body)
      : clock_(clock), status_(status), body_(std::move(body)) {}

  base::Result<token::Answer> post(const token::TokenRequest& request) override {
    asked = request;
    return token::Answer{.status = status_,
                         .content_type = "application/json",
                         .body = base::Secret(std::string(body_)),
                         .date = std::chrono::floor<std::chrono::seconds>(clock_.wall()),
                         .sent = clock_.now(),
                         .wall = clock_.wall()};
  }
  void cancel() override { cancelled = true; }

  token::TokenRequest asked;
  bool cancelled = false;

 private:
  const base::Clock& clock_;
  const int status_;
  const std::string body_;
};

struct Fixture {
  test::OwnedClock time;
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  ScriptedEndpoint* endpoint = nullptr;

  Fixture() {
    options.client_id = "id";
    options.client_secret_file = directory.write("secret", "s3cret\n");
    options.auth_method = token::ClientAuth::client_secret_post;
  }
  std::unique_ptr<token::OauthFetcher> fetcher(std::string body, int status = 200,
                                               std::unique_ptr<token::Fetcher> before = {}) {
    auto scripted = std::make_unique<ScriptedEndpoint>(time, status, std::move(body));
    endpoint = scripted.get();
    return std::make_unique<token::OauthFetcher>(options, std::move(scripted), time, nullptr,
                                                 std::move(before));
  }
};

}  // namespace

TEST_CASE("a fetch posts grant and client authentication and dates the token") {
  Fixture f;
  f.options.scope = "a";
  const auto fetched =
      f.fetcher(R"({"access_token":"tok","expires_in":"60","scope":"a"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == "tok");
  CHECK(fetched->lifetime() == 60s);
  CHECK(fetched->sent == f.time.now());
  CHECK(fetched->scope == "a");
}

TEST_CASE("the secret's file is read at each fetch") {
  Fixture f;
  const auto fetcher = f.fetcher(R"({"access_token":"tok"})");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=s3cret");
  const auto before = fetcher->fingerprint();
  f.directory.write("secret", "rotated");
  CHECK(fetcher->fingerprint() != before);
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=rotated");
}

TEST_CASE("a JWT's own exp shortens its life") {
  Fixture f;
  const auto exp = std::chrono::floor<std::chrono::seconds>(f.time.wall()) + 31s;
  const std::string jwt =
      "e30." +
      base::base64url_encode("{\"exp\":" + std::to_string(exp.time_since_epoch().count()) + "}") +
      ".c2ln";
  const auto fetched = f.fetcher(R"({"access_token":")" + jwt + R"(","expires_in":3600})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->lifetime() == 30s);
}

TEST_CASE("a token that has expired by the time it came is a failure, not a token") {
  Fixture f;
  const auto fetched = f.fetcher(R"({"access_token":"e30.eyJleHAiOjV9.c2ln"})")->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_malformed);
  CHECK(fetched.error().fix.find("clocks") != std::string::npos);
}

TEST_CASE("a token that is given again with a lifetime of 0 ends when it was to end") {
  Fixture f;
  struct Countdown final : token::Endpoint {
    explicit Countdown(const base::Clock& ours) : clock(ours) {}
    base::Result<token::Answer> post(const token::TokenRequest&) override {
      return token::Answer{
          .status = 200,
          .body = base::Secret(R"({"access_token":"tok","expires_in":)" + left + "}"),
          .sent = clock.now(),
          .wall = clock.wall()};
    }
    void cancel() override {}
    const base::Clock& clock;
    std::string left = "0";
  };
  auto scripted = std::make_unique<Countdown>(f.time);
  Countdown& endpoint = *scripted;
  token::OauthFetcher fetcher(f.options, std::move(scripted), f.time);
  CHECK(fetcher.fetch()->lifetime() == token::kLifetimeUnknown);  // a token without an end
  endpoint.left = "6";
  CHECK(fetcher.fetch()->lifetime() == 6s);
  f.time.advance(4s);
  endpoint.left = "0";
  const auto again = fetcher.fetch();
  REQUIRE(again.has_value());
  CHECK(again->expires - f.time.now() == 2s);
  f.time.advance(3s);
  CHECK_FALSE(fetcher.fetch().has_value());
}

TEST_CASE("a refused assertion points at the clock where the server's differs") {
  Fixture f;
  f.options.auth_method = token::ClientAuth::client_secret_jwt;
  struct Skewed final : token::Endpoint {
    explicit Skewed(const base::Clock& ours) : clock(ours) {}
    base::Result<token::Answer> post(const token::TokenRequest&) override {
      return token::Answer{.status = 401,
                           .body = base::Secret(R"({"error":"invalid_client"})"),
                           .date = std::chrono::floor<std::chrono::seconds>(clock.wall()) + ahead,
                           .sent = clock.now(),
                           .wall = clock.wall()};
    }
    void cancel() override {}
    const base::Clock& clock;
    std::chrono::seconds ahead{120};
  };
  auto scripted = std::make_unique<Skewed>(f.time);
  Skewed& endpoint = *scripted;
  token::OauthFetcher fetcher(f.options, std::move(scripted), f.time);
  CHECK(fetcher.fetch().error().fix.find("clock: the server's is 2 m ahead") != std::string::npos);
  endpoint.ahead = -90s;
  CHECK(fetcher.fetch().error().fix.find("behind") != std::string::npos);
  endpoint.ahead = std::chrono::years(7900);
  CHECK(fetcher.fetch().error().fix.find("ahead") != std::string::npos);
  endpoint.ahead = 5s;
  CHECK(fetcher.fetch().error().fix.find("clock") == std::string::npos);
}

TEST_CASE("a refused Basic credential points at basic_encoding where the two encodings differ") {
  Fixture f;
  f.options.auth_method = token::ClientAuth::client_secret_basic;
  const std::string refusal = R"({"error":"invalid_client"})";
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") == std::string::npos);
  f.directory.write("secret", "s3c+ret");
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") != std::string::npos);
  f.options.basic_encoding = token::BasicEncoding::raw;
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") == std::string::npos);
}

TEST_CASE("an endpoint that quotes the secret does not get it into an error") {
  Fixture f;
  const auto fetched =
      f.fetcher(R"({"error":"invalid_client","error_description":"no s3cret, s3cret here"})", 401)
          ->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail ==
        "the token endpoint answered 401 invalid_client (no ***, *** here)");
}

TEST_CASE("an endpoint that quotes the Basic credential does not get it into an error") {
  for (const char* scheme : {"", "Basic "}) {
    CAPTURE(scheme);
    Fixture f;
    f.options.auth_method = token::ClientAuth::client_secret_basic;
    const std::string said = scheme + base::base64_encode("id:s3cret");
    const auto fetcher =
        f.fetcher(R"({"error":"invalid_client","error_description":"got )" + said + "\"}", 401);
    const auto fetched = fetcher->fetch();
    CHECK(f.endpoint->asked.authorization.reveal().ends_with(base::base64_encode("id:s3cret")));
    REQUIRE_FALSE(fetched.has_value());
    CHECK(fetched.error().detail ==
          "the token endpoint answered 401 invalid_client (got " + std::string(scheme) + "***)");
  }
}

TEST_CASE("members of the answer that are asked for come with the token") {
  Fixture f;
  const std::string said = R"({"access_token":"tok","instance_url":"https://na1.salesforce.com"})";
  CHECK(f.fetcher(said)->fetch()->attributes.empty());
  f.options.attributes = {"instance_url", "absent"};
  CHECK(f.fetcher(said)->fetch()->attributes ==
        token::Attributes{{"instance_url", "https://na1.salesforce.com"}});
}

TEST_CASE("an attribute in which the endpoint quotes secret or token comes without them") {
  Fixture f;
  f.options.attributes = {"u"};
  const auto fetched = f.fetcher(R"({"access_token":"t0ken","u":"https://s3cret.t0ken"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->attributes.at("u") == "https://***.***");
}

TEST_CASE("without a readable secret nothing is posted") {
  Fixture f;
  f.options.client_secret_file = f.directory.path("missing");
  const auto fetcher = f.fetcher("{}");
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::file_unreadable);
  CHECK(f.endpoint->asked.form.empty());
}

TEST_CASE("a cancelled fetcher cancels its endpoint") {
  Fixture f;
  const auto fetcher = f.fetcher("{}");
  fetcher->cancel();
  CHECK(f.endpoint->cancelled);
}

TEST_CASE("a changed file of any kind changes the fingerprint") {
  Fixture f;
  struct Case {
    const char* name;
    std::string token::CredentialOptions::*file;
  };
  for (const Case& c : {Case{"secret", &token::CredentialOptions::client_secret_file},
                        Case{"key", &token::CredentialOptions::client_key_file},
                        Case{"cert", &token::CredentialOptions::client_cert_file},
                        Case{"refresh", &token::CredentialOptions::refresh_token_file},
                        Case{"password", &token::CredentialOptions::password_file},
                        Case{"assertion", &token::CredentialOptions::assertion_file},
                        Case{"account", &token::CredentialOptions::service_account_file},
                        Case{"subject", &token::CredentialOptions::subject_token_file}}) {
    CAPTURE(c.name);
    f.options.*c.file = f.directory.write(c.name, "one");
    const auto fetcher = f.fetcher("{}");
    const auto before = fetcher->fingerprint();
    f.directory.write(c.name, "two");
    CHECK(fetcher->fingerprint() != before);
  }
}

namespace {

struct RefreshFixture : Fixture {
  RefreshFixture() {
    options.grant = token::Grant::refresh_token;
    options.auth_method = token::ClientAuth::none;
    options.client_secret_file.clear();
    options.refresh_token_file = directory.write("refresh", "first\n");
  }
  std::string saved() const { return test::content(options.refresh_token_file); }
  /// While it is there, the refresh token's file cannot be replaced.
  std::string obstacle() const { return options.refresh_token_file + ".new"; }
};

constexpr const char* kRotates =
    R"({"access_token":"tok","expires_in":60,"refresh_token":"second"})";

}  // namespace

TEST_CASE("a rotated refresh token is in its file when the access token is given out") {
  RefreshFixture f;
  const auto fetcher = f.fetcher(kRotates);
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=refresh_token&refresh_token=first&client_id=id");
  CHECK(f.saved() == "second\n");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=refresh_token&refresh_token=second&client_id=id");
}

TEST_CASE("where a rotated refresh token could not be saved, it is said before one is asked for") {
  RefreshFixture f;
  const auto made = [&] { f.fetcher(kRotates); };
  CHECK(test::captured(STDERR_FILENO, made) == "");
  f.options.refresh_token_file = f.directory.path("none/refresh");
  const std::string said = test::captured(STDERR_FILENO, made);
  CHECK(test::says(said, "could not be saved, and would be lost"));
  CHECK(test::says(said, f.directory.path("none")));
}

TEST_CASE("a refresh token that was not rotated leaves its file alone") {
  for (const char* answer :
       {R"({"access_token":"tok"})", R"({"access_token":"tok","refresh_token":"first"})",
        R"({"access_token":"tok","refresh_token":7})"}) {
    RefreshFixture f;
    const auto before = token::file_fingerprint(f.options.refresh_token_file);
    REQUIRE(f.fetcher(answer)->fetch().has_value());
    CHECK(token::file_fingerprint(f.options.refresh_token_file) == before);
  }
}

TEST_CASE("a refresh token is saved also where its access token is of no use") {
  RefreshFixture f;
  const auto fetched = f.fetcher(R"({"access_token":"a b","refresh_token":"second"})")->fetch();
  CHECK_FALSE(fetched.has_value());
  CHECK(f.saved() == "second\n");
}

TEST_CASE("a rotated refresh token that cannot be saved is kept, and its access token with it") {
  RefreshFixture f;
  std::filesystem::create_directory(f.obstacle());
  const auto fetcher = f.fetcher(kRotates);
  const auto failed = fetcher->fetch();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == base::Errc::file_unwritable);
  CHECK(failed.error().fix.find("refresh_token_file") != std::string::npos);
  CHECK(f.saved() == "first\n");

  f.endpoint->asked = {};
  std::filesystem::remove(f.obstacle());
  const auto fetched = fetcher->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == "tok");
  CHECK(f.endpoint->asked.form.empty());  // the first refresh token was not used a second time
  CHECK(f.saved() == "second\n");
}

TEST_CASE("an access token that ended while the file could not be written is fetched anew") {
  RefreshFixture f;
  std::filesystem::create_directory(f.obstacle());
  const auto fetcher = f.fetcher(kRotates);
  REQUIRE_FALSE(fetcher->fetch().has_value());
  std::filesystem::remove(f.obstacle());
  f.time.advance(61s);
  const auto fetched = fetcher->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->expires > f.time.now());
  CHECK(f.endpoint->asked.form.reveal().find("refresh_token=second") != std::string::npos);
}

TEST_CASE("another grant that was put into the file while ours could not be written is kept") {
  RefreshFixture f;
  std::filesystem::create_directory(f.obstacle());
  const auto fetcher = f.fetcher(kRotates);
  REQUIRE_FALSE(fetcher->fetch().has_value());
  std::filesystem::remove(f.obstacle());
  f.directory.write("refresh", "from a person");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.saved() == "from a person");
}

TEST_CASE("an endpoint that quotes a refresh token or an assertion does not get it into an error") {
  RefreshFixture f;
  const auto fetched =
      f.fetcher(R"({"error":"invalid_grant","error_description":"first is used up"})", 400)
          ->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail == "the token endpoint answered 400 invalid_grant (*** is used up)");
}

namespace {

/// Answers when it is let, with the successor of the refresh token that it was sent.
class GatedEndpoint final : public token::Endpoint {
 public:
  explicit GatedEndpoint(const base::Clock& clock) : clock_(clock) {}

  base::Result<token::Answer> post(const token::TokenRequest& request) override {
    const std::string form(request.form.reveal());
    spent = form.substr(form.find("refresh_token=rt") + 16);
    spent = spent.substr(0, spent.find('&'));
    entered.set_value();
    opened.get_future().wait();
    return token::Answer{
        .status = 200,
        .body = base::Secret(R"({"access_token":"tok","refresh_token":"rt)" + spent + "x\"}"),
        .sent = clock_.now(),
        .wall = clock_.wall()};
  }
  void cancel() override { cancelled = true; }

  std::promise<void> entered, opened;
  std::string spent;
  std::atomic<bool> cancelled = false;

 private:
  const base::Clock& clock_;
};

struct Spender {
  explicit Spender(const Fixture& f) {
    auto gated = std::make_unique<GatedEndpoint>(f.time);
    endpoint = gated.get();
    fetcher = std::make_unique<token::OauthFetcher>(f.options, std::move(gated), f.time);
  }
  void begin() {
    fetched = std::async(std::launch::async, [this] { return fetcher->fetch(); });
  }
  GatedEndpoint* endpoint;
  std::unique_ptr<token::OauthFetcher> fetcher;
  std::future<base::Result<token::Fetched>> fetched;
};

}  // namespace

TEST_CASE("two processes with one refresh token's file never spend the same one") {
  Fixture f;
  f.options.grant = token::Grant::refresh_token;
  f.options.auth_method = token::ClientAuth::none;
  f.options.refresh_token_file = f.directory.write("grant", "rt1");
  Spender one(f), other(f);
  one.begin();
  one.endpoint->entered.get_future().wait();
  other.begin();
  CHECK(test::eventually([&] { return other.fetcher->waits_for_another(); }));
  one.endpoint->opened.set_value();
  REQUIRE(one.fetched.get().has_value());
  other.endpoint->entered.get_future().wait();
  CHECK(other.endpoint->spent == "1x");
  other.endpoint->opened.set_value();
  REQUIRE(other.fetched.get().has_value());
  CHECK(test::content(f.options.refresh_token_file) == "rt1xx\n");
  CHECK_FALSE(other.fetcher->waits_for_another());
}

TEST_CASE("a process that is ended while it waits for another's refresh token spends none") {
  Fixture f;
  f.options.grant = token::Grant::refresh_token;
  f.options.auth_method = token::ClientAuth::none;
  f.options.refresh_token_file = f.directory.write("grant", "rt1");
  Spender one(f), other(f);
  one.begin();
  one.endpoint->entered.get_future().wait();
  other.begin();
  CHECK(test::eventually([&] { return other.fetcher->waits_for_another(); }));
  other.fetcher->cancel();
  CHECK_FALSE(other.fetched.get().has_value());
  CHECK(other.endpoint->spent.empty());
  one.endpoint->opened.set_value();
  REQUIRE(one.fetched.get().has_value());
}

TEST_CASE("a shutdown waits for the answer to a refresh token, and saves what it brings") {
  Fixture f;
  f.options.grant = token::Grant::refresh_token;
  f.options.auth_method = token::ClientAuth::none;
  f.options.refresh_token_file = f.directory.write("grant", "rt1");
  Spender one(f);
  one.begin();
  one.endpoint->entered.get_future().wait();
  auto ending = std::async(std::launch::async, [&] { one.fetcher->cancel(); });
  CHECK_FALSE(one.endpoint->cancelled);
  one.endpoint->opened.set_value();
  REQUIRE(one.fetched.get().has_value());
  ending.get();
  CHECK(one.endpoint->cancelled);
  CHECK(test::content(f.options.refresh_token_file) == "rt1x\n");
}

namespace {

/// Gives tokens `first1`, `first2`, ..., or fails.
class First final : public token::Fetcher {
 public:
  First(const base::Clock& clock, bool fails) : clock_(clock), fails_(fails) {}
  base::Result<token::Fetched> fetch() override {
    if (fails_) return base::Error{base::Errc::token_rejected, "the first said no", "check it"};
    return token::Fetched{.value = base::Secret("first" + std::to_string(++count_)),
                          .sent = clock_.now(),
                          .expires = clock_.now() + 1h,
                          .scope = {}};
  }
  void cancel() override {}

 private:
  const base::Clock& clock_;
  const bool fails_;
  int count_ = 0;
};

}  // namespace

TEST_CASE("the token of a request that comes first is the authorization of the second") {
  Fixture f;
  f.options.grant = token::Grant::other;
  f.options.auth_method = token::ClientAuth::none;
  f.options.client_id.clear();
  f.options.ways.body = token::TokenBody::json;
  f.options.ways.members = {.token = "accessToken", .expiry = "expireTime"};
  f.options.token_params = {{"scope", R"(["s1","s2"])"}};
  const auto fetcher = f.fetcher(R"({"accessToken":"second","expireTime":"2070-01-01T00:00:00Z"})",
                                 200, std::make_unique<First>(f.time, false));
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.authorization.reveal() == "Bearer first1");
  CHECK(f.endpoint->asked.form.reveal() == R"({"scope":["s1","s2"]})");
  CHECK(fetcher->fetch()->value.reveal() == "second");
  CHECK(f.endpoint->asked.authorization.reveal() == "Bearer first2");  // asked for each time
}

TEST_CASE("the token of a request that comes first is exchanged, and never quoted") {
  Fixture f;
  f.options.grant = token::Grant::token_exchange;
  f.options.auth_method = token::ClientAuth::none;
  f.options.client_id.clear();
  f.options.before_is_subject = true;
  const auto fetcher =
      f.fetcher(R"({"error":"invalid_grant","error_description":"first1 is not known"})", 400,
                std::make_unique<First>(f.time, false));
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail ==
        "the token endpoint answered 400 invalid_grant (*** is not known)");
  const std::string form(f.endpoint->asked.form.reveal());
  CHECK(form.find("&subject_token=first1") != std::string::npos);
  CHECK(f.endpoint->asked.authorization.empty());
}

TEST_CASE("where the first request fails, the second is not made") {
  Fixture f;
  const auto fetcher =
      f.fetcher(R"({"access_token":"t"})", 200, std::make_unique<First>(f.time, true));
  CHECK(fetcher->fetch().error().sentence() == "the first said no: check it");
  CHECK(f.endpoint->asked.form.empty());
}

TEST_CASE("a refresh token beside a nested token is kept") {
  Fixture f;
  f.options.grant = token::Grant::refresh_token;
  f.options.refresh_token_file = f.directory.write("rt", "rt1");
  f.options.ways.members.token = "body.access_token";
  const auto fetched =
      f.fetcher(R"({"status":0,"body":{"access_token":"t","refresh_token":"rt2"}})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(test::content(f.options.refresh_token_file) == "rt2\n");
}

namespace {

/// A token endpoint that wants proofs with its nonce. Keeps what each request brought.
class NonceEndpoint final : public token::Endpoint {
 public:
  explicit NonceEndpoint(const base::Clock& clock) : clock_(clock) {}

  base::Result<token::Answer> post(const token::TokenRequest& request) override {
    forms.emplace_back(request.form.reveal());
    nonces.emplace_back(request.nonce);
    const bool proven =
        request.prover != nullptr && !request.nonce.empty() && request.nonce == wanted && !stubborn;
    token::Answer answer{
        .status = proven ? 200 : status,
        .body = base::Secret(proven ? R"({"access_token":"tok","token_type":")" + type + "\"}"
                                    : R"({"error":"use_dpop_nonce"})"),
        .sent = clock_.now(),
        .wall = clock_.wall()};
    answer.dpop_nonce = wanted;
    return answer;
  }
  void cancel() override {}

  std::string wanted = "n1", type = "DPoP";
  int status = 400;
  bool stubborn = false;
  std::vector<std::string> forms, nonces;

 private:
  const base::Clock& clock_;
};

struct BoundFixture : Fixture {
  BoundFixture() {
    options.dpop = true;
    binding = *token::make_binding(options);
    auto made = std::make_unique<NonceEndpoint>(time);
    server = made.get();
    fetcher = std::make_unique<token::OauthFetcher>(options, std::move(made), time, nullptr,
                                                    nullptr, binding);
  }

  std::shared_ptr<const token::KeyBinding> binding;
  NonceEndpoint* server = nullptr;
  std::unique_ptr<token::OauthFetcher> fetcher;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(BoundFixture,
                  "a nonce that is asked for is given at once, and known from then on") {
  const auto fetched = fetcher->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->binding == binding);
  CHECK(server->nonces == Texts{"", "n1"});
  REQUIRE(fetcher->fetch().has_value());
  CHECK(server->nonces == Texts{"", "n1", "n1"});
  server->wanted = "n2";
  server->status = 401;
  REQUIRE(fetcher->fetch().has_value());
  CHECK(server->nonces == Texts{"", "n1", "n1", "n1", "n2"});
}

TEST_CASE_FIXTURE(BoundFixture, "a server that never takes its nonce is asked twice") {
  server->stubborn = true;
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(server->nonces == Texts{"", "n1"});
  CHECK(fetched.error().detail.find("use_dpop_nonce") != std::string::npos);
}

TEST_CASE_FIXTURE(BoundFixture, "a challenge without a nonce is no question") {
  server->wanted = "";
  CHECK_FALSE(fetcher->fetch().has_value());
  CHECK(server->nonces == Texts{""});
}

TEST_CASE("the repetition with a nonce brings an assertion of its own") {
  BoundFixture f;
  f.options.auth_method = token::ClientAuth::client_secret_jwt;
  auto made = std::make_unique<NonceEndpoint>(f.time);
  NonceEndpoint& server = *made;
  token::OauthFetcher fetcher(f.options, std::move(made), f.time, nullptr, nullptr, f.binding);
  REQUIRE(fetcher.fetch().has_value());
  REQUIRE(server.forms.size() == 2);
  CHECK(server.forms[0].find("client_assertion=") != std::string::npos);
  CHECK(server.forms[0] != server.forms[1]);
}

TEST_CASE_FIXTURE(BoundFixture, "a token that the server did not bind is refused") {
  server->type = "Bearer";
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail.find("\"Bearer\", not DPoP") != std::string::npos);
}

TEST_CASE("without dpop there is no proof, no second request, and the remedy is named") {
  Fixture f;
  auto made = std::make_unique<NonceEndpoint>(f.time);
  NonceEndpoint& server = *made;
  token::OauthFetcher fetcher(f.options, std::move(made), f.time);
  const auto fetched = fetcher.fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(server.forms.size() == 1);
  CHECK(fetched.error().fix.find("--dpop") != std::string::npos);
}
