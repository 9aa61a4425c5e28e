// What a DPoP proof costs on one core: prints a line of JSON for each kind of key. `bare` is a
// signature with a context that was set up before; `proof` is all that a request pays.
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "token/dpop/key_binding.h"

namespace {

using namespace bearer;

constexpr int kRounds = 9;  // of each kind in turn: the machine's moods meet both
constexpr int kTimes = 2000;

double cpu_microseconds() {
  return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC;
}

template <typename Work>
double each(Work work) {
  const double began = cpu_microseconds();
  for (int i = 0; i < kTimes; ++i) {
    if (!work()) std::abort();
  }
  return (cpu_microseconds() - began) / kTimes;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// The least that OpenSSL does for a signature over a message that is as long as a proof's.
class BareSigner {
 public:
  explicit BareSigner(const token::ProofKey& key)
      : es256_(key.algorithm() == "ES256"),
        context_(EVP_PKEY_CTX_new(key.handle(), nullptr)),
        digest_(EVP_MD_CTX_new()),
        key_(key.handle()) {
    if (es256_ && EVP_PKEY_sign_init(context_) != 1) std::abort();
  }
  ~BareSigner() {
    EVP_PKEY_CTX_free(context_);
    EVP_MD_CTX_free(digest_);
  }
  BareSigner(const BareSigner&) = delete;
  BareSigner& operator=(const BareSigner&) = delete;

  bool sign() {
    unsigned char out[80];
    std::size_t size = sizeof out;
    if (es256_) return EVP_PKEY_sign(context_, out, &size, message_, 32) == 1;
    EVP_MD_CTX_reset(digest_);
    return EVP_DigestSignInit(digest_, nullptr, nullptr, nullptr, key_) == 1 &&
           EVP_DigestSign(digest_, out, &size, message_, sizeof message_) == 1;
  }

 private:
  const bool es256_;
  EVP_PKEY_CTX* const context_;
  EVP_MD_CTX* const digest_;
  EVP_PKEY* const key_;
  unsigned char message_[500] = {};
};

void measure(base::Result<token::ProofKey> key) {
  BareSigner signer(*key);
  const std::string algorithm(key->algorithm());
  const token::KeyBinding binding(std::move(*key));
  const auto prover = binding.prover();
  std::vector<double> bare, proof;
  for (int round = 0; round < kRounds; ++round) {
    bare.push_back(each([&] { return signer.sign(); }));
    proof.push_back(each([&] {
      return prover
          ->prove({.method = "POST",
                   .origin = "https://api.example.com",
                   .target = "/api/v2/analytics/conversations/details/query?pageSize=100",
                   .token_digest = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
                   .nonce = "eyJ7S_zG.eyJH0-Z.HX4w-7v",
                   .now = base::system_clock().wall()})
          .has_value();
    }));
  }
  std::cout << R"({"algorithm":")" << algorithm << R"(","bare_us":)" << median(bare)
            << R"(,"proof_us":)" << median(proof) << "}" << std::endl;
}

base::Result<token::ProofKey> ed25519() {
  // RFC 8037, appendix A.1.
  return token::ProofKey::read(base::Secret(
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})"));
}

}  // namespace

int main() {
  measure(token::ProofKey::generate());
  measure(ed25519());
}
