#include "net/trust_store.h"

#include <doctest/doctest.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "tests/support/no_descriptors.h"
#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"

using namespace bearer;

namespace {

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

/// Ten authorities in one file, as a system has some hundred.
struct LargeFile {
  LargeFile() {
    for (const test::TestCa& ca : authorities) bundle += "# a comment\n" + content_of(ca.ca_file());
  }

  std::array<test::TestCa, 10> authorities;
  std::string bundle;
  test::TemporaryDirectory directory;
};

int certificates_read(const net::TrustStore& store) {
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store.get()));
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate certificate_in(const std::string& file) {
  const std::string pem = content_of(file);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

bool verifies(const net::TrustStore& store, const Certificate& certificate) {
  REQUIRE(certificate);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                              X509_STORE_CTX_free);
  REQUIRE(X509_STORE_CTX_init(check.get(), store.get(), certificate.get(), nullptr) == 1);
  return X509_verify_cert(check.get()) == 1;
}

bool verifies(const net::TrustStore& store, const std::string& certificate_file) {
  return verifies(store, certificate_in(certificate_file));
}

/// The system's authorities are in this file and folder while this lives. There is none at first.
struct System {
  test::TemporaryDirectory directory;
  const std::string file = directory.path("bundle.pem");
  const test::ScopedEnvironment file_variable{"SSL_CERT_FILE", file};
  const test::ScopedEnvironment folder_variable{"SSL_CERT_DIR", directory.path("")};
};

}  // namespace

TEST_CASE("contexts that trust one file share its authorities, and not those of another") {
  const test::TestCa ca, other;
  const auto first = net::trust_store(ca.ca_file()), second = net::trust_store(ca.ca_file());
  REQUIRE(first.has_value());
  CHECK(first->get() == second->get());
  CHECK(net::trust_store(other.ca_file())->get() != first->get());
  CHECK(net::trust_store("")->get() == net::trust_store("")->get());
  CHECK(net::trust_store("")->get() != first->get());
}

TEST_CASE("authorities are read again once their file is another, also under the same name") {
  const test::TestCa ca, other;
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("ca.pem");
  std::filesystem::copy_file(ca.ca_file(), path);
  const auto before = net::trust_store(path);
  REQUIRE(before.has_value());
  std::filesystem::remove(path);
  CHECK_FALSE(net::trust_store(path).has_value());
  std::filesystem::copy_file(other.ca_file(), path);
  const auto after = net::trust_store(path);
  REQUIRE(after.has_value());
  CHECK(after->get() != before->get());
  CHECK(net::trust_store(path)->get() == after->get());
}

TEST_CASE("a file without authorities is refused with its name, however often it is asked for") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("ca.pem", "none here");
  for (int i = 0; i < 2; ++i) {
    const auto store = net::trust_store(path);
    REQUIRE_FALSE(store.has_value());
    CHECK(store.error().code == base::Errc::file_unreadable);
    CHECK(store.error().detail.starts_with(path + ": "));
  }
}

TEST_CASE_FIXTURE(LargeFile, "of a large file a certificate is read once it is needed") {
  const auto store = net::trust_store(directory.write("large.pem", bundle));
  REQUIRE(store.has_value());
  CHECK(certificates_read(*store) == 0);
  CHECK(net::authorities_known(store->get()) == 10);
  CHECK(verifies(*store, authorities[6].leaf().cert_file));
  CHECK(certificates_read(*store) == 1);
}

TEST_CASE_FIXTURE(LargeFile, "each authority of a large file is trusted, and no other one") {
  test::TestCa other;
  const auto store = net::trust_store(directory.write("all.pem", bundle));
  REQUIRE(store.has_value());
  CHECK_FALSE(verifies(*store, other.leaf().cert_file));
  for (test::TestCa& ca : authorities) CHECK(verifies(*store, ca.leaf().cert_file));
  CHECK_FALSE(verifies(*store, other.leaf().cert_file));
  CHECK_FALSE(verifies(*store, authorities[0].leaf({"DNS:localhost"}, true).cert_file));
}

TEST_CASE("a small file is read as a whole") {
  test::TestCa ca;
  const auto store = net::trust_store(ca.ca_file());
  REQUIRE(store.has_value());
  CHECK(certificates_read(*store) == 1);
  CHECK(verifies(*store, ca.leaf().cert_file));
}

TEST_CASE_FIXTURE(LargeFile, "a large file with something malformed in it is refused") {
  const std::string noise = "-----BEGIN CERTIFICATE-----\nMDAwMDAw\n-----END CERTIFICATE-----\n";
  const std::string cut = bundle.substr(0, bundle.size() - 60);
  for (const std::string& content : {bundle + noise, noise + bundle, cut}) {
    const auto store = net::trust_store(directory.write("malformed.pem", content));
    REQUIRE_FALSE(store.has_value());
    CHECK(store.error().code == base::Errc::file_unreadable);
  }
}

TEST_CASE_FIXTURE(LargeFile, "a large file with more than certificates in it is read as a whole") {
  const std::string key = content_of(authorities[0].leaf().key_file);
  const auto store = net::trust_store(directory.write("mixed.pem", bundle + key));
  REQUIRE(store.has_value());
  CHECK(certificates_read(*store) == 10);
  CHECK(verifies(*store, authorities[9].leaf().cert_file));
}

TEST_CASE_FIXTURE(System, "a system's file that is not there, or is empty, holds no authority") {
  const auto absent = net::trust_store("");
  REQUIRE(absent.has_value());
  CHECK(net::authorities_known(absent->get()) == 0);
  directory.write("bundle.pem", "");
  const auto empty = net::trust_store("");
  REQUIRE(empty.has_value());
  CHECK(net::authorities_known(empty->get()) == 0);
}

TEST_CASE_FIXTURE(System, "a system's file that cannot be read is not taken for an empty one") {
  std::filesystem::create_symlink(file, file);  // not even root can open it
  for (int i = 0; i < 2; ++i) {
    const auto store = net::trust_store("");
    REQUIRE(store.has_error());
    CHECK(store.error().code == base::Errc::file_unreadable);
    CHECK(store.error().detail.starts_with(file + ": "));
  }
  test::TestCa ca;
  std::filesystem::remove(file);
  std::filesystem::copy_file(ca.ca_file(), file);
  const auto store = net::trust_store("");
  REQUIRE(store.has_value());
  CHECK(verifies(*store, ca.leaf().cert_file));
}

TEST_CASE_FIXTURE(System, "no descriptor for the authorities is ours, and passes with the want") {
  test::TestCa ca;
  std::filesystem::copy_file(ca.ca_file(), file);
  for (const std::string& which : {std::string(), ca.ca_file()}) {
    CAPTURE(which);
    {
      const test::NoDescriptors none;
      const auto store = net::trust_store(which);
      REQUIRE(store.has_error());
      CHECK(store.error().code == base::Errc::descriptors_used_up);
    }
    const auto store = net::trust_store(which);
    REQUIRE(store.has_value());
    CHECK(verifies(*store, ca.leaf().cert_file));
  }
}

TEST_CASE_FIXTURE(System, "a change of the rights alone has the authorities read again") {
  test::TestCa ca;
  std::filesystem::copy_file(ca.ca_file(), file);
  const auto before = net::trust_store("");
  REQUIRE(before.has_value());
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  CHECK(net::trust_store("")->get() != before->get());
}

TEST_CASE_FIXTURE(System, "a lookup in the folder without a descriptor is told from a stranger") {
  test::TestCa ca, other;
  const Certificate known = certificate_in(ca.leaf().cert_file);
  const Certificate unknown = certificate_in(other.leaf().cert_file);
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "%08lx.0", X509_issuer_name_hash(known.get()));
  std::filesystem::copy_file(ca.ca_file(), directory.path(name.data()));
  const auto store = net::trust_store("");
  REQUIRE(store.has_value());
  {
    const test::NoDescriptors none;
    CHECK_FALSE(verifies(*store, known));
    CHECK(net::take_lookup_shortage());
    CHECK_FALSE(net::take_lookup_shortage());
  }
  CHECK_FALSE(verifies(*store, unknown));
  CHECK_FALSE(net::take_lookup_shortage());
  CHECK(verifies(*store, known));
  CHECK_FALSE(net::take_lookup_shortage());
}
