#include "token/oauth/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "token/secret/secret_file.h"

namespace bearer::token {

base::Result<std::string> read_certificate(const std::string& path, std::string_view setting) {
  const base::Result<base::Secret> text = read_whole_file(path, setting);
  if (!text) return text.error();
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(text->reveal().data(), static_cast<int>(text->reveal().size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) {
    ERR_clear_error();
    return unusable_file(path, setting, "holds no certificate in PEM");
  }
  std::string der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &out);
  return der;
}

}  // namespace bearer::token
