#include "tests/support/test_ca.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>

#include "tests/support/require.h"

namespace bearer::test {
namespace {

constexpr long kDaySeconds = 24 * 3600;

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

template <typename Write>
void write_file(const std::string& path, Write write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                             std::fclose);
  require(file && write(file.get()) == 1, path.c_str());
}

void write_certificate(const std::string& path, X509* certificate) {
  write_file(path, [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

EVP_PKEY* new_key() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  require(key != nullptr, "key");
  return key;
}

}  // namespace

TestCa::TestCa() : key_(new_key(), EVP_PKEY_free), certificate_(nullptr, X509_free) {
  static std::atomic<int> made = 0;  // two of one name would be taken for each other
  const std::string name = "bearer test authority " + std::to_string(++made);
  certificate_ = certificate(name.c_str(), key_.get(), kDaySeconds);
  extend(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
  sign(certificate_.get());
  ca_file_ = directory_.path("ca.pem");
  write_certificate(ca_file_, certificate_.get());
}

Leaf TestCa::leaf(const std::vector<std::string>& names, bool expired) {
  const Key key(new_key(), EVP_PKEY_free);
  const Certificate made = certificate("localhost", key.get(), expired ? -3600 : kDaySeconds);
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  if (!names.empty()) extend(made.get(), certificate_.get(), NID_subject_alt_name, list);
  sign(made.get());
  const std::string stem = "leaf" + std::to_string(serial_);
  const Leaf leaf{directory_.path(stem + ".pem"), directory_.path(stem + ".key")};
  write_certificate(leaf.cert_file, made.get());
  write_file(leaf.key_file, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return leaf;
}

TestCa::Certificate TestCa::certificate(const char* common_name, EVP_PKEY* key, long ends_in_s) {
  Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), ends_in_s);
  X509_set_pubkey(made.get(), key);
  X509_NAME* name = X509_get_subject_name(made.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(made.get(), certificate_ ? X509_get_subject_name(certificate_.get()) : name);
  return made;
}

void TestCa::sign(X509* certificate) {
  require(X509_sign(certificate, key_.get(), EVP_sha256()) > 0, "signature");
}

}  // namespace bearer::test
