#include "tests/sandbox/digest.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace bearer::sandbox {

namespace {

constexpr std::size_t kSha256Size = 32;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(std::string("OpenSSL failed: ") + what);
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "digest");
}

void Digest::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "digest");
}

std::string Digest::finish() {
  std::string sum(kSha256Size, '\0');
  require(EVP_DigestFinal_ex(context_.get(), bytes_of(sum), nullptr) == 1, "digest");
  return sum;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string mac(kSha256Size, '\0');
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(),
               bytes_of(mac), &size) != nullptr,
          "HMAC");
  return mac;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  require(RAND_bytes(bytes_of(bytes), static_cast<int>(size)) == 1, "random");
  return bytes;
}

}  // namespace bearer::sandbox
