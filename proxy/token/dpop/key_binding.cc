#include "token/dpop/key_binding.h"

#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte > 0x20 && byte < 0x7f) {
      out.push_back(c);
    } else {  // not allowed in a URI as it is
      out.append({'%', kHex[byte >> 4U], kHex[byte & 0xfU]});
    }
  }
}

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Makes the proofs. It reuses the memory in which it puts them together.
class KeyProver final : public Prover {
 public:
  explicit KeyProver(std::shared_ptr<const ProofKey> key)
      : key_(std::move(key)),
        head_(base::base64url_encode(R"({"typ":"dpop+jwt","alg":")" +
                                     std::string(key_->algorithm()) + R"(","jwk":)" + key_->jwk() +
                                     "}") +
              "."),
        signer_(*key_) {}

  base::Result<std::string_view> prove(const ProvenRequest& request) override {
    const std::string_view id = next_id();
    if (id.empty()) return unfit();
    claims_.assign(R"({"jti":")").append(base::base64url_encode(id));
    claims_.append(R"(","htm":")");
    append_escaped(claims_, request.method);
    claims_.append(R"(","htu":")");
    append_escaped(claims_, request.origin);
    if (request.target.starts_with('/')) {
      append_escaped(claims_, request.target.substr(0, request.target.find('?')));
    }
    claims_.append(R"(","iat":)");
    append_number(claims_,
                  std::chrono::floor<std::chrono::seconds>(request.now).time_since_epoch() /
                      std::chrono::seconds(1));
    if (!request.token_digest.empty()) {
      claims_.append(R"(,"ath":")").append(request.token_digest).append("\"");
    }
    if (!request.nonce.empty()) {
      claims_.append(R"(,"nonce":")").append(request.nonce).append("\"");
    }
    claims_.append("}");
    proof_.assign(head_).append(base::base64url_encode(claims_));
    signature_.clear();
    if (!signer_.sign(proof_, signature_)) return unfit();
    proof_.append(".").append(base::base64url_encode(signature_));
    return std::string_view(proof_);
  }

 private:
  static constexpr std::size_t kIdBytes = 16, kIdsAtOnce = 64;

  /// 128 random bits. Empty if OpenSSL gives none.
  std::string_view next_id() {
    if (ids_.size() - id_at_ < kIdBytes) {
      id_at_ = 0;
      ids_.resize(kIdsAtOnce * kIdBytes);
      if (RAND_bytes(reinterpret_cast<unsigned char*>(ids_.data()),
                     static_cast<int>(ids_.size())) != 1) {
        ids_.clear();
        return {};
      }
    }
    id_at_ += kIdBytes;
    return std::string_view(ids_).substr(id_at_ - kIdBytes, kIdBytes);
  }
  static base::Error unfit() {
    return {base::Errc::file_unreadable, "nothing can be signed with the DPoP key"};
  }

  const std::shared_ptr<const ProofKey> key_;
  const std::string head_;  // of every proof, encoded, with its dot
  ProofSigner signer_;
  std::string ids_;  // asking for one at a time would cost as much as the rest of the text
  std::size_t id_at_ = 0;
  std::string claims_, proof_, signature_;
};

base::Result<ProofKey> read_key(const std::string& path) {
  const base::Result<base::Secret> text = read_whole_file(path, "dpop_key_file");
  if (!text) return text.error();
  base::Result<ProofKey> key = ProofKey::read(*text);
  if (key) return key;
  return base::Error{key.error().code, "dpop_key_file " + path + " " + key.error().detail,
                     "make one with openssl ecparam -name prime256v1 -genkey -noout -out FILE"};
}

}  // namespace

std::unique_ptr<Prover> KeyBinding::prover() const {
  return std::make_unique<KeyProver>(key_);
}

std::string KeyBinding::text() const {
  return std::string(key_->algorithm()) + " key " + key_->thumbprint();
}

base::Result<std::shared_ptr<const KeyBinding>> make_binding(const CredentialOptions& options) {
  if (!options.dpop) return std::shared_ptr<const KeyBinding>();
  base::Result<ProofKey> key =
      options.dpop_key_file.empty() ? ProofKey::generate() : read_key(options.dpop_key_file);
  if (!key) return key.error();
  return std::make_shared<const KeyBinding>(std::move(*key));
}

base::Result<void> check_binding(const CredentialOptions& options) {
  const auto made = make_binding(options);
  if (made) return {};
  base::Error why = made.error();
  why.detail = "credential " + options.name + ": " + why.detail;
  return why;
}

}  // namespace bearer::token
