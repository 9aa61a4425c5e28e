#include "net/trust_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"

using namespace bearer;

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
