#include "token/oauth/signing_key.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "base/encoding.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using token::JwsAlgorithm;
using token::SigningKey;

namespace {

std::string why_not(const std::string& text, JwsAlgorithm algorithm = JwsAlgorithm::by_key) {
  const auto key = SigningKey::make(base::Secret(std::string(text)), algorithm);
  return key ? "it will do" : key.error().detail;
}

/// A compact JWS of nothing in particular.
std::string signed_with(const SigningKey& key) {
  const std::string message =
      base::base64url_encode("{\"alg\":\"" + std::string(key.algorithm()) + "\"}") + ".e30";
  return message + "." + base::base64url_encode(key.sign(message).value());
}

}  // namespace

TEST_CASE("a key signs by the algorithm that fits it, from PEM and from a JWK") {
  struct Case {
    test::Key key;
    const char* algorithm;
    bool has_jwk = true;
  };
  for (const Case& c : {Case{test::rsa_key(), "RS256"}, Case{test::rsa_pss_key(), "PS256", false},
                        Case{test::ec_key(), "ES256"}, Case{test::ec_key("P-384"), "ES384"},
                        Case{test::ed25519_key(), "EdDSA"}}) {
    CAPTURE(c.algorithm);
    std::vector<std::string> texts{test::private_pem(c.key.get())};
    if (c.has_jwk) texts.push_back("\n " + test::private_jwk(c.key.get()).dump());
    for (const std::string& text : texts) {
      const auto key = SigningKey::make(base::Secret(std::string(text)), JwsAlgorithm::by_key);
      REQUIRE(key.has_value());
      CHECK(key->algorithm() == c.algorithm);
      CHECK(key->key_id() == "");
      const test::Jws jws(signed_with(*key));
      CHECK(jws.is_by(c.key.get()));
      CHECK_FALSE(jws.is_by(c.algorithm == std::string("EdDSA") ? test::ed25519_key().get()
                            : c.algorithm == std::string("ES256")
                                ? test::ec_key().get()
                                : (c.has_jwk ? test::rsa_pss_key() : test::rsa_key()).get()));
    }
  }
}

TEST_CASE("an RSA key signs PS256 where the setting or its JWK says so") {
  const test::Key rsa = test::rsa_key();
  const auto asked =
      SigningKey::make(base::Secret(test::private_pem(rsa.get())), JwsAlgorithm::ps256);
  CHECK(asked->algorithm() == "PS256");
  CHECK(test::Jws(signed_with(*asked)).is_by(rsa.get()));

  nlohmann::json jwk = test::private_jwk(rsa.get());
  jwk["alg"] = "PS256";
  jwk["kid"] = "k1";
  for (const char* prime : {"p", "q", "dp", "dq", "qi"}) jwk.erase(prime);  // they are optional
  const auto said = SigningKey::make(base::Secret(jwk.dump()), JwsAlgorithm::by_key);
  CHECK(said->algorithm() == "PS256");
  CHECK(said->key_id() == "k1");
  CHECK(test::Jws(signed_with(*said)).is_by(rsa.get()));
}

TEST_CASE("signatures are those of the RFCs' examples") {
  // RFC 8037 appendix A.
  const auto ed25519 =
      SigningKey::make(base::Secret(R"({"kty":"OKP","crv":"Ed25519",)"
                                    R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
                                    R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
                       JwsAlgorithm::by_key);
  REQUIRE(ed25519.has_value());
  CHECK(base::base64url_encode(
            ed25519->sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc").value()) ==
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  // RFC 7515 appendix A.1.
  const SigningKey secret = SigningKey::of_secret(
      base::Secret(*base::base64url_decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_"
                                           "T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")));
  CHECK(secret.algorithm() == "HS256");
  CHECK(base::base64url_encode(
            secret
                .sign("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
                .value()) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

namespace {

/// A positive integer in DER (X.690 section 8.3): as short as may be, and no sign in its first bit.
std::string der_integer(std::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size() - 1));
  const bool signless = static_cast<unsigned char>(number.front()) < 0x80;
  std::string text = signless ? "" : std::string(1, '\0');
  text += number;
  return "\x02" + std::string(1, static_cast<char>(text.size())) + text;
}

/// What the openssl command reads, of the two halves of an ES256 signature (RFC 7518 section 3.4).
std::string der_of_halves(std::string_view halves) {
  const std::string pair = der_integer(halves.substr(0, 32)) + der_integer(halves.substr(32));
  return "\x30" + std::string(1, static_cast<char>(pair.size())) + pair;
}

/// The openssl command, given key, message and signature in files of their own.
class OpensslCommand {
 public:
  explicit OpensslCommand(EVP_PKEY* key) : key_(files_.write("pub.pem", test::public_pem(key))) {}

  bool takes(const std::string& algorithm, const std::string& message,
             const std::string& signature) const {
    const std::string in = files_.write("message", message);
    const std::string sig = files_.write("signature", signature);
    const std::string digest = "openssl dgst -sha256 -verify " + key_ + " -signature " + sig + " ";
    const std::map<std::string, std::string> commands = {
        {"RS256", digest + in},
        {"PS256", digest + "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 " + in},
        {"ES256", digest + in},
        {"EdDSA", "openssl pkeyutl -verify -pubin -rawin -inkey " + key_ + " -sigfile " + sig +
                      " -in " + in},
    };
    return std::system((commands.at(algorithm) + " >/dev/null 2>&1").c_str()) == 0;
  }

 private:
  test::TemporaryDirectory files_;
  std::string key_;
};

}  // namespace

TEST_CASE("the openssl command takes what a key of any kind signed, and nothing else") {
  struct Case {
    test::Key key;
    JwsAlgorithm algorithm;
  };
  for (const Case& c :
       {Case{test::rsa_key(), JwsAlgorithm::rs256}, Case{test::rsa_key(), JwsAlgorithm::ps256},
        Case{test::rsa_pss_key(), JwsAlgorithm::ps256}, Case{test::ec_key(), JwsAlgorithm::es256},
        Case{test::ed25519_key(), JwsAlgorithm::eddsa}}) {
    const auto key = SigningKey::make(base::Secret(test::private_pem(c.key.get())), c.algorithm);
    REQUIRE(key.has_value());
    const std::string name(key->algorithm());
    CAPTURE(name);
    const OpensslCommand openssl(c.key.get());
    const test::Jws jws(signed_with(*key));
    CHECK(jws.header.at("alg") == name);
    const std::string signature = name == "ES256" ? der_of_halves(jws.signature) : jws.signature;
    CHECK(openssl.takes(name, jws.message, signature));
    CHECK_FALSE(openssl.takes(name, jws.message + "x", signature));
    std::string damaged = signature;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    CHECK_FALSE(openssl.takes(name, jws.message, damaged));
  }
}

TEST_CASE("a half of an ES256 signature that begins with zeros keeps its place") {
  const test::Key ec = test::ec_key();
  const auto key = SigningKey::make(base::Secret(test::private_pem(ec.get())), JwsAlgorithm::es256);
  std::string signature;
  do {
    signature = key->sign("a.b").value();
    REQUIRE(signature.size() == 64);
  } while (signature[0] != 0 && signature[32] != 0);
  CHECK(OpensslCommand(ec.get()).takes("ES256", "a.b", der_of_halves(signature)));
}

TEST_CASE("a signature in ASN.1 becomes two numbers side by side, and nothing else does") {
  using namespace std::string_literals;
  struct Case {
    std::string der, halves;
  };
  for (const Case& c : {Case{"\x30\x06\x02\x01\x05\x02\x01\x07", "\0\x05\0\x07"s},
                        Case{"\x30\x08\x02\x02\x12\x34\x02\x02\x56\x78", "\x12\x34\x56\x78"},
                        Case{"\x30\x08\x02\x03\0\xff\xfe\x02\x01\x01"s, "\xff\xfe\0\x01"s}}) {
    std::string out;
    CHECK(token::append_halves(c.der, 2, out));
    CHECK(out == c.halves);
  }
  for (const std::string& der :
       {""s, "\x30"s, "\x31\x06\x02\x01\x05\x02\x01\x07"s, "\x30\x05\x02\x01\x05\x02\x01\x07"s,
        "\x30\x06\x02\x01\x05\x03\x01\x07"s, "\x30\x06\x02\x01\x05\x02\x02\x07"s,
        "\x30\x07\x02\x01\x05\x02\x01\x07\0"s, "\x30\x08\x02\x03\x01\x02\x03\x02\x01\x07"s}) {
    CAPTURE(der.size());
    std::string out;
    CHECK_FALSE(token::append_halves(der, 2, out));
  }
}

TEST_CASE("a key that will not do is told apart, without a word of what it is") {
  const test::Key rsa = test::rsa_key();
  const std::string pem = test::private_pem(rsa.get());
  const auto jwk = [&](const char* member, const char* value) {
    nlohmann::json made = test::private_jwk(test::ec_key().get());
    made[member] = value;
    return made.dump();
  };
  nlohmann::json without_d = test::private_jwk(rsa.get());
  without_d.erase("d");
  struct Case {
    std::string text;
    const char* why;
  };
  for (const Case& c : {
           Case{"hush", "holds no private key in PEM, nor a JWK"},
           Case{test::public_pem(rsa.get()), "holds no private key in PEM, nor a JWK"},
           Case{pem.substr(0, pem.size() / 2), "holds a damaged PEM key"},
           Case{test::encrypted_pem(rsa.get()),
                "holds an encrypted key; store it without a passphrase"},
           Case{test::private_pem(test::ec_key("P-521").get()),
                "holds an EC key of a curve other than P-256 and P-384"},
           Case{"{hush", "holds JSON that cannot be parsed"},
           Case{R"({"keys":[]})", "holds JSON that is not a JWK: it has no kty"},
           Case{without_d.dump(), "holds a JWK without its private part (d)"},
           Case{jwk("crv", "P-521"),
                "holds a JWK that is neither RSA, nor EC on P-256 or P-384, nor OKP with Ed25519"},
           Case{jwk("x", "AAAA"), "holds a damaged JWK"},
           Case{jwk("d", "!!"), "holds a damaged JWK"},
           Case{R"({"kty":"RSA","d":"AQAB","n":"AQAB"})", "holds a damaged JWK"},
           Case{R"({"kty":"OKP","crv":"Ed25519","d":"AQAB"})", "holds a damaged JWK"},
       }) {
    CHECK(why_not(c.text) == c.why);
  }
}

TEST_CASE("a key that does not fit the algorithm that was asked for is refused") {
  const std::string fits_not = "which does not fit assertion_algorithm or the JWK's alg";
  const std::string ec = test::private_pem(test::ec_key().get());
  const std::string rsa = test::private_pem(test::rsa_key().get());
  CHECK(why_not(ec, JwsAlgorithm::rs256) == "holds a P-256 key, " + fits_not);
  CHECK(why_not(rsa, JwsAlgorithm::es256) == "holds an RSA key, " + fits_not);
  CHECK(why_not(test::private_pem(test::rsa_pss_key().get()), JwsAlgorithm::rs256) ==
        "holds an RSASSA-PSS key, " + fits_not);
  CHECK(why_not(test::private_pem(test::ed25519_key().get()), JwsAlgorithm::ps256) ==
        "holds an Ed25519 key, " + fits_not);
}

TEST_CASE("every algorithm that fits a key is signed by where it is asked for") {
  struct Case {
    test::Key key;
    JwsAlgorithm asked;
    const char* name;
    std::size_t signature_bytes;
  };
  for (const Case& c : {Case{test::rsa_key(), JwsAlgorithm::rs384, "RS384", 256},
                        Case{test::rsa_key(), JwsAlgorithm::rs512, "RS512", 256},
                        Case{test::rsa_key(), JwsAlgorithm::ps384, "PS384", 256},
                        Case{test::rsa_pss_key(), JwsAlgorithm::ps512, "PS512", 256},
                        Case{test::ec_key("P-384"), JwsAlgorithm::es384, "ES384", 96}}) {
    CAPTURE(c.name);
    const auto key = SigningKey::make(base::Secret(test::private_pem(c.key.get())), c.asked);
    REQUIRE(key.has_value());
    CHECK(key->algorithm() == c.name);
    const test::Jws jws(signed_with(*key));
    CHECK(jws.is_by(c.key.get()));
    CHECK(jws.signature.size() == c.signature_bytes);
  }
  CHECK(why_not(test::private_pem(test::ec_key("P-384").get()), JwsAlgorithm::es256) ==
        "holds a P-384 key, which does not fit assertion_algorithm or the JWK's alg");
}
