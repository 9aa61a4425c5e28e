#include "tests/sandbox/assertion_check.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"
#include "token/oauth/assertion.h"

using namespace bearer;
using namespace std::chrono_literals;
using sandbox::AssertionCheck;
using sandbox::AssertionRules;

namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'767'225'600)};
const AssertionRules kRules{"client", "client", "login.example/token"};

sandbox::WallTime at(base::WallTime time) {
  return std::chrono::time_point_cast<sandbox::WallTime::duration>(time);
}

std::string signed_by(EVP_PKEY* key, const token::Assertion& assertion,
                      base::WallTime when = kNow) {
  const auto signing =
      token::SigningKey::make(base::Secret(test::private_pem(key)), token::JwsAlgorithm::by_key);
  return std::string(token::sign_assertion(assertion, *signing, when)->reveal());
}

token::Assertion assertion(const std::string& issuer = "client",
                           const std::string& subject = "client",
                           const std::string& audience = "https://login.example/token") {
  return {.issuer = issuer, .subject = subject, .audience = audience};
}

}  // namespace

TEST_CASE("the sandbox takes a good assertion once, and no other") {
  const test::TemporaryDirectory directory;
  const test::Key key = test::ec_key();
  const test::Key other = test::ec_key();
  const auto check =
      AssertionCheck::by_key_file(directory.write("k.pem", test::public_pem(key.get())));
  const auto judge = [&](const std::string& compact) {
    return check->judge(compact, kRules, at(kNow));
  };
  const std::string good = signed_by(key.get(), assertion());
  CHECK(judge(good) == "");
  CHECK(judge(good) == "jti replayed");
  CHECK(judge(signed_by(other.get(), assertion())) == "signature");
  CHECK(judge(signed_by(test::rsa_key().get(), assertion())) == "signature");
  CHECK(judge(signed_by(key.get(), assertion("another"))) == "iss");
  CHECK(judge(signed_by(key.get(), assertion("client", "another"))) == "sub");
  CHECK(judge(signed_by(key.get(), assertion("client", "client", "https://x/token"))) == "aud");
  CHECK(judge(signed_by(key.get(), assertion(), kNow - 2min)) == "exp");
  CHECK(judge(signed_by(key.get(), assertion(), kNow + 1min)) == "iat");
  CHECK(judge(signed_by(key.get(), assertion(), kNow + 10min)) == "iat");
  CHECK(judge("") == "no JWS");
  CHECK(judge("a.b.c") == "no JWS");
  std::string changed = signed_by(key.get(), assertion());
  changed[changed.find('.') + 5] ^= 1;
  CHECK(judge(changed) != "");
}

TEST_CASE("the sandbox tells a secret's signature from another's") {
  const auto check = AssertionCheck::by_secret("secret");
  const auto signed_with = [](const char* secret) {
    const auto key = token::SigningKey::of_secret(base::Secret(secret));
    return std::string(token::sign_assertion(assertion(), key, kNow)->reveal());
  };
  CHECK(check->judge(signed_with("secret"), kRules, at(kNow)) == "");
  CHECK(check->judge(signed_with("Secret"), kRules, at(kNow)) == "signature");
}

TEST_CASE("a file without a public key is refused at the start") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS(AssertionCheck::by_key_file(directory.path("none")));
  CHECK_THROWS(AssertionCheck::by_key_file(directory.write("text", "not a key")));
}
