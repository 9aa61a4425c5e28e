#include "token/dpop/proof_key.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/encoding.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using token::ProofKey;
using token::ProofSigner;

namespace {

base::Result<ProofKey> read(std::string text) {
  return ProofKey::read(base::Secret(std::move(text)));
}

/// Whether this is a JWS of that key, by another's means than the signer's.
bool verifies(const std::string& algorithm, const std::string& message,
              const std::string& signature, EVP_PKEY* key) {
  const std::string head = base::base64url_encode(R"({"alg":")" + algorithm + "\"}");
  // The message stands where the claims do.
  test::Jws jws(head + "." + base::base64url_encode("{}") + "." +
                base::base64url_encode(signature));
  jws.message = message;
  return jws.is_by(key);
}

}  // namespace

TEST_CASE("a key is named by the thumbprint of RFC 8037, appendix A.3") {
  const auto key =
      read(R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
           R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  REQUIRE(key.has_value());
  CHECK(key->thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  CHECK(key->algorithm() == "EdDSA");
}

TEST_CASE("of the key nothing private is in what others see") {
  for (const test::Key& pair : {test::ec_key(), test::ed25519_key()}) {
    const auto key = read(test::private_pem(pair.get()));
    REQUIRE(key.has_value());
    nlohmann::json seen = nlohmann::json::parse(key->jwk());
    nlohmann::json whole = test::private_jwk(pair.get());
    CHECK(whole.erase("d") == 1);
    if (!whole.contains("x")) whole["x"] = seen.at("x");
    CHECK(seen == whole);
    CHECK(key->jwk() == seen.dump());  // sorted, without blanks: the text of the thumbprint
  }
}

TEST_CASE("each key that is made is another one") {
  const auto one = ProofKey::generate(), other = ProofKey::generate();
  REQUIRE(one.has_value());
  REQUIRE(other.has_value());
  CHECK(one->algorithm() == "ES256");
  CHECK(one->thumbprint().size() == 43);
  CHECK(one->thumbprint() != other->thumbprint());
}

TEST_CASE("keys of other kinds are refused with what they are") {
  struct Case {
    std::string text;
    const char* why;
  };
  for (const Case& c :
       {Case{test::private_pem(test::rsa_key().get()), "RS256"},
        Case{test::private_pem(test::rsa_pss_key().get()), "PS256"},
        Case{test::private_pem(test::ec_key("P-384").get()), "P-256"},
        Case{test::public_pem(test::ec_key().get()), "no private key"},
        Case{test::encrypted_pem(test::ec_key().get()), "encrypted"}, Case{"", "no private key"},
        Case{"-----BEGIN CERTIFICATE-----\nAAAA\n", "no private key"}}) {
    const auto key = read(c.text);
    REQUIRE_FALSE(key.has_value());
    CAPTURE(key.error().detail);
    CHECK(key.error().code == base::Errc::file_unreadable);
    CHECK(key.error().detail.find(c.why) != std::string::npos);
  }
}

// R and S are shorter than 32 bytes in one of 128 signatures, and begin with a zero in half of
// them.
TEST_CASE("a signer signs again and again, and each signature is the key's") {
  for (const test::Key& pair : {test::ec_key(), test::ed25519_key()}) {
    const auto key = read(test::private_pem(pair.get()));
    REQUIRE(key.has_value());
    ProofSigner signer(*key);
    for (int i = 0; i < 600; ++i) {
      const std::string message = "message " + std::to_string(i);
      std::string signature = "before";
      REQUIRE(signer.sign(message, signature));
      REQUIRE(signature.size() == 6 + 64);
      signature.erase(0, 6);
      REQUIRE(verifies(std::string(key->algorithm()), message, signature, pair.get()));
      REQUIRE_FALSE(verifies(std::string(key->algorithm()), message + "x", signature, pair.get()));
    }
  }
}
