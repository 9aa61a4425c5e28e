#include "net/certificate_fault.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read(const std::string& file) {
  std::FILE* open = std::fopen(file.c_str(), "r");
  REQUIRE(open != nullptr);
  Certificate certificate(PEM_read_X509(open, nullptr, nullptr, nullptr), X509_free);
  std::fclose(open);
  return certificate;
}

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

constexpr base::WallTime kLongAgo{31536000s};  // 1971

}  // namespace

TEST_CASE("a clock that is behind is named beside the day on which the certificate begins") {
  test::TestCa ca;
  const Certificate leaf = read(ca.leaf().cert_file);
  const base::Error fault =
      net::certificate_fault(leaf.get(), X509_V_ERR_CERT_NOT_YET_VALID, "localhost", kLongAgo);
  CHECK(fault.code == base::Errc::tls_certificate_untrusted);
  CHECK(has(fault.detail, "begins on 20"));
  CHECK(has(fault.detail, "this machine's clock says 1971-01-01T00:00:00Z"));
  CHECK(has(fault.fix, "clock"));
}

TEST_CASE("a certificate of another name shows the names that it has, and the one asked for") {
  test::TestCa ca;
  const Certificate leaf = read(
      ca.leaf({"DNS:a.example", "DNS:b.example", "DNS:c.example", "DNS:d.example", "DNS:e.example"})
          .cert_file);
  const base::Error fault =
      net::certificate_fault(leaf.get(), X509_V_ERR_HOSTNAME_MISMATCH, "api.example", kLongAgo);
  CHECK(has(fault.detail,
            "its subjectAltName names a.example, b.example, c.example, d.example, ...; "
            "asked for was api.example"));
}

TEST_CASE("a verdict without a certificate is told as OpenSSL tells it") {
  const base::Error fault =
      net::certificate_fault(nullptr, X509_V_ERR_CERT_HAS_EXPIRED, "localhost", kLongAgo);
  CHECK(fault.detail == "certificate has expired");
}

TEST_CASE("a system without authorities is told apart from one that has some") {
  const test::TemporaryDirectory directory;
  const test::TestCa ca;
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  const test::ScopedEnvironment folder("SSL_CERT_DIR", directory.path(""));
  Context none(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  CHECK(net::trusts_nobody(none.get()));
  Context one(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  REQUIRE(SSL_CTX_load_verify_file(one.get(), ca.ca_file().c_str()) == 1);
  CHECK_FALSE(net::trusts_nobody(one.get()));
  directory.write("1234abcd.0", "what OpenSSL would look at later");
  CHECK_FALSE(net::trusts_nobody(none.get()));
  CHECK(has(net::no_authorities().sentence(), "install ca-certificates"));
}

TEST_CASE("where no authority was found, the variables that say where to look are named") {
  const test::ScopedEnvironment file("SSL_CERT_FILE", "/odd/empty.pem");
  const test::ScopedEnvironment folder("SSL_CERT_DIR", "/odd/folder");
  CHECK(net::no_authorities().detail ==
        "no certificate authorities were found on this system, where the environment says "
        "SSL_CERT_FILE=/odd/empty.pem and SSL_CERT_DIR=/odd/folder");
}
