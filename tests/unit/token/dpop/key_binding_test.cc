#include "token/dpop/key_binding.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"
#include "tests/sandbox/dpop_check.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

constexpr base::WallTime kNow{1'790'000'000s + 900ms};

std::shared_ptr<const token::KeyBinding> bound(const std::string& key_file = {}) {
  token::CredentialOptions options;
  options.dpop = true;
  options.dpop_key_file = key_file;
  const auto made = token::make_binding(options);
  REQUIRE(made.has_value());
  return *made;
}

std::string digest(const std::string& token) {
  return base::base64url_encode(base::sha256(token));
}

std::string prove(token::Prover& prover, const token::ProvenRequest& request) {
  const auto proof = prover.prove(request);
  REQUIRE(proof.has_value());
  return std::string(*proof);
}

/// A request as a server sees it, with that proof.
sandbox::Request arrived(const std::string& method, const std::string& target,
                         const std::string& proof) {
  return {.method = method,
          .target = target,
          .path = {},
          .query = {},
          .fields = {{"dpop", proof}},
          .authorization = {},
          .range = {},
          .if_range = {},
          .origin = "https://api.example.com",
          .body = {},
          .body_size = 0,
          .body_sha256 = {}};
}

}  // namespace

TEST_CASE("a server that judges by its own means takes each proof, and each once") {
  test::TemporaryDirectory directory;
  const std::string files[] = {
      "", directory.write("ec.pem", test::private_pem(test::ec_key().get())),
      directory.write("ed.pem", test::private_pem(test::ed25519_key().get())),
      directory.write("ec.json", test::private_jwk(test::ec_key().get()).dump())};
  for (const std::string& file : files) {
    CAPTURE(file);
    sandbox::DpopCheck server({.required = true, .nonce_life = 10s});
    const auto binding = bound(file);
    const auto prover = binding->prover();
    const std::string nonce = server.nonce(kNow);
    const std::string proof = prove(*prover, {.method = "PATCH",
                                              .origin = "https://api.example.com",
                                              .target = "/v1/x%2Fy?page=2&size=3",
                                              .token_digest = digest("to.ken"),
                                              .nonce = nonce,
                                              .now = kNow});
    const sandbox::Request request = arrived("PATCH", "/v1/x%2Fy?page=2", proof);
    const sandbox::DpopVerdict verdict = server.judge(request, "to.ken", kNow);
    CHECK(verdict.error == "");
    CHECK(verdict.description == "");
    CHECK(verdict.thumbprint == binding->thumbprint());
    CHECK(server.judge(request, "to.ken", kNow).description == "jti replayed");
  }
}

TEST_CASE("the judge of these tests refuses what is not proven") {
  sandbox::DpopCheck server({.required = true, .nonce_life = 10s});
  const auto prover = bound()->prover();
  const auto made = [&](std::string_view method, std::string_view target, std::string_view token,
                        base::WallTime now = kNow) {
    const std::string ath = digest(std::string(token));
    const std::string nonce = server.nonce(kNow);
    return prove(*prover, {.method = method,
                           .origin = "https://api.example.com",
                           .target = target,
                           .token_digest = ath,
                           .nonce = nonce,
                           .now = now});
  };
  const auto judged = [&](const std::string& proof) {
    return server.judge(arrived("GET", "/a", proof), "t", kNow).description;
  };
  CHECK(judged(made("GET", "/a", "t")) == "");
  CHECK(judged(made("POST", "/a", "t")) == "htm");
  CHECK(judged(made("GET", "/b", "t")) == "htu");
  CHECK(judged(made("GET", "/a", "u")) == "ath");
  CHECK(judged(made("GET", "/a", "t", kNow - 2min)) == "iat");
  std::string broken = made("GET", "/a", "t");
  broken[broken.size() - 5] = broken[broken.size() - 5] == 'A' ? 'B' : 'A';
  CHECK(judged(broken) == "signature");
}

TEST_CASE("a proof says no more than it must") {
  const auto prover = bound()->prover();
  const test::Jws towards_token_endpoint(prove(*prover, {.method = "POST",
                                                         .origin = "https://login.example.com",
                                                         .target = "/token?x=y",
                                                         .token_digest = {},
                                                         .nonce = {},
                                                         .now = kNow}));
  nlohmann::json claims = towards_token_endpoint.claims;
  CHECK(claims.at("jti").get<std::string>().size() == 22);
  claims.erase("jti");
  CHECK(claims == nlohmann::json{{"htm", "POST"},
                                 {"htu", "https://login.example.com/token"},
                                 {"iat", 1'790'000'000}});
  CHECK(towards_token_endpoint.header.size() == 3);
  CHECK(towards_token_endpoint.header.at("typ") == "dpop+jwt");
  CHECK(towards_token_endpoint.header.at("alg") == "ES256");
}

TEST_CASE("whatever a target holds, the claims are one JSON object with that path") {
  const auto prover = bound()->prover();
  struct Case {
    std::string_view target;
    std::string_view path;
  };
  for (const Case& c :
       {Case{"/a\"b\\c", "/a\"b\\c"}, Case{"/%22", "/%22"}, Case{"/\xc3\xa4", "/%C3%A4"},
        Case{"*", ""}, Case{"/", "/"}, Case{"/?a=/b", "/"}}) {
    CAPTURE(c.target);
    const test::Jws jws(prove(*prover, {.method = "OPTIONS",
                                        .origin = "https://api.example.com:8443",
                                        .target = c.target,
                                        .token_digest = "d",
                                        .nonce = "n",
                                        .now = kNow}));
    REQUIRE(jws.claims.is_object());
    CHECK(jws.claims.at("htu") == "https://api.example.com:8443" + std::string(c.path));
    CHECK(jws.claims.at("nonce") == "n");
    CHECK(jws.claims.at("ath") == "d");
  }
}

TEST_CASE("threads prove at the same time with one key, and no two proofs are alike") {
  const auto binding = bound();
  sandbox::DpopCheck server({.required = true});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto prover = binding->prover();
      for (int n = 0; n < 250; ++n) {
        const auto proof = prover->prove({.method = "GET",
                                          .origin = "https://api.example.com",
                                          .target = "/",
                                          .token_digest = {},
                                          .nonce = {},
                                          .now = kNow});
        if (proof) server.judge(arrived("GET", "/", std::string(*proof)), "", kNow);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(server.to_json().at("good") == 1000);
}

TEST_CASE("a key file that will not do is one error with its setting and a way to make one") {
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  CHECK(token::check_binding(options).has_value());
  options.name = "crm";
  options.dpop = true;
  CHECK(token::check_binding(options).has_value());
  options.dpop_key_file = directory.write("k.pem", test::private_pem(test::rsa_key().get()));
  const auto refused = token::check_binding(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().sentence() ==
        "credential crm: dpop_key_file " + options.dpop_key_file +
            " holds a key for RS256; a proof wants one on P-256 or Ed25519: make one with openssl "
            "ecparam -name prime256v1 -genkey -noout -out FILE");
  options.dpop_key_file = "/nowhere/k.pem";
  CHECK(token::check_binding(options).error().detail.find("/nowhere/k.pem") != std::string::npos);
}
