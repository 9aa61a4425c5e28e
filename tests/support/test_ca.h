// A certificate authority of the test's own, in files, for servers on loopback.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace bearer::test {

/// A certificate with its key; the PEM files live as long as the authority.
struct Leaf {
  std::string cert_file;
  std::string key_file;
};

class TestCa {
 public:
  TestCa();

  /// PEM, for a ca_file setting.
  const std::string& ca_file() const { return ca_file_; }

  /// Valid from yesterday to tomorrow, or until an hour ago. Names are X.509's: `DNS:localhost`,
  /// `IP:127.0.0.1`; none: there is only the common name, which is localhost.
  Leaf leaf(const std::vector<std::string>& names = {"DNS:localhost", "IP:127.0.0.1", "IP:::1"},
            bool expired = false);

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  Certificate certificate(const char* common_name, EVP_PKEY* key, long ends_in_s);
  void sign(X509* certificate);

  TemporaryDirectory directory_;
  Key key_;
  Certificate certificate_;
  std::string ca_file_;
  long serial_ = 0;
};

}  // namespace bearer::test
