#include "token/store/store_key.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr char kSealVersion = 1;
constexpr std::size_t kOverheadBytes = 1 + kNonceBytes + kTagBytes;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes, std::size_t offset) {
  return reinterpret_cast<unsigned char*>(bytes.data() + offset);
}

base::Error unusable(const std::string& path, const std::string& why) {
  return {base::Errc::store_unusable, "token_store_key_file: the file " + path + " " + why};
}

/// 32 bytes from 64 hex digits, or from 43 or 44 characters of base64 in either alphabet; empty for
/// anything else.
std::string decode(std::string_view text) {
  std::string plain(text);
  const bool hex = text.size() == 2 * kKeyBytes;
  if (!hex) {
    std::ranges::replace(plain, '+', '-');
    std::ranges::replace(plain, '/', '_');
  }
  const std::optional<std::string> bytes =
      hex ? base::hex_decode(plain) : base::base64url_decode(plain);
  base::wipe(plain);
  return bytes && bytes->size() == kKeyBytes ? *bytes : std::string();
}

/// The version's byte, then the text's purpose.
std::string additional(std::string_view purpose) {
  return std::string(1, kSealVersion).append("bearer-proxy ").append(purpose);
}

Context context(bool encrypting, const base::Secret& key, const unsigned char* nonce) {
  Context made(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CipherInit_ex2(made.get(), EVP_aes_256_gcm(), octets(key.reveal()), nonce, encrypting ? 1 : 0,
                     nullptr);
  return made;
}

void add_purpose(EVP_CIPHER_CTX* context, std::string_view purpose) {
  const std::string bytes = additional(purpose);
  int count = 0;
  EVP_CipherUpdate(context, nullptr, &count, octets(bytes), static_cast<int>(bytes.size()));
}

}  // namespace

base::Result<StoreKey> StoreKey::read(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 07) != 0) {
    return unusable(path, "can be read by every user: chmod o= it");
  }
  const base::Result<base::Secret> text = read_secret_file(path, "token_store_key_file");
  if (!text) {
    base::Error why = text.error();
    why.code = base::Errc::store_unusable;
    return why;
  }
  std::string bytes = decode(base::trim(text->reveal()));
  if (!bytes.empty()) return StoreKey(base::Secret(std::move(bytes)));
  return unusable(path,
                  "does not hold 32 bytes in base64 or hex: openssl rand -base64 32 makes them");
}

std::string StoreKey::seal(const base::Secret& text, std::string_view purpose) const {
  const std::string_view plain = text.reveal();
  std::string sealed(plain.size() + kOverheadBytes, '\0');
  sealed[0] = kSealVersion;
  if (RAND_bytes(octets(sealed, 1), kNonceBytes) != 1) std::abort();  // a nonce never comes twice
  const Context cipher = context(true, bytes_, octets(sealed, 1));
  add_purpose(cipher.get(), purpose);
  int count = 0;
  EVP_CipherUpdate(cipher.get(), octets(sealed, 1 + kNonceBytes), &count, octets(plain),
                   static_cast<int>(plain.size()));
  EVP_CipherFinal_ex(cipher.get(), octets(sealed, 1 + kNonceBytes + plain.size()), &count);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                      octets(sealed, 1 + kNonceBytes + plain.size()));
  return sealed;
}

std::optional<base::Secret> StoreKey::open(std::string_view sealed,
                                           std::string_view purpose) const {
  if (sealed.size() < kOverheadBytes || sealed.front() != kSealVersion) return std::nullopt;
  const std::size_t size = sealed.size() - kOverheadBytes;
  const Context cipher = context(false, bytes_, octets(sealed.substr(1)));
  add_purpose(cipher.get(), purpose);
  std::string plain(size, '\0');
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  int count = 0;
  EVP_CipherUpdate(cipher.get(), octets(plain, 0), &count, octets(sealed.substr(1 + kNonceBytes)),
                   static_cast<int>(size));
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, octets(tag, 0));
  const bool genuine = EVP_CipherFinal_ex(cipher.get(), octets(plain, size), &count) == 1;
  base::Secret text(std::move(plain));
  if (!genuine) return std::nullopt;
  return text;
}

std::string StoreKey::name_for(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  HMAC(EVP_sha256(), bytes_.reveal().data(), kKeyBytes, octets(text), text.size(), bytes.data(),
       &size);
  return base::hex_encode({reinterpret_cast<const char*>(bytes.data()), 8});
}

}  // namespace bearer::token
