#include "app/open_secret_files.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/captured.h"

using namespace bearer;

namespace {

/// A folder that others may enter, with a secret in it. Below /tmp itself: the folder that tests
/// are told to use may keep others out.
struct Secret {
  Secret() {
    char pattern[] = "/tmp/bearer-test-XXXXXX";
    REQUIRE(mkdtemp(pattern));
    folder = pattern;
    REQUIRE(chmod(pattern, 0755) == 0);
    file = folder + "/secret";
    std::ofstream(file) << "s3cret";
  }
  ~Secret() { std::filesystem::remove_all(folder); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  std::string said(mode_t mode) const {
    REQUIRE(chmod(file.c_str(), mode) == 0);
    config::Settings settings;
    token::CredentialOptions credential;
    credential.name = "crm";
    credential.password_file = file;
    settings.credentials.push_back(std::move(credential));
    return test::captured(STDERR_FILENO, [&] { app::warn_of_open_secret_files(settings); });
  }

  std::string folder, file;
};

}  // namespace

TEST_CASE("a secret's file that everybody can read is told with its mode and what to do") {
  const Secret secret;
  const std::string said = secret.said(0644);
  CHECK(said.find("can be read by every user of this machine: chmod 600 " + secret.file +
                  " credential=crm setting=password_file mode=0644\n") != std::string::npos);
  CHECK(std::ranges::count(said, '\n') == 1);
  CHECK(said.find("s3cret") == std::string::npos);
  CHECK(secret.said(0604) != "");
}

TEST_CASE("a file of its owner or his group, and one in a closed folder, is no matter for a word") {
  const Secret secret;
  for (const mode_t mode : {0600U, 0400U, 0440U, 0640U, 0641U}) CHECK(secret.said(mode) == "");
  REQUIRE(chmod(secret.folder.c_str(), 0750) == 0);
  CHECK(secret.said(0644) == "");
}

TEST_CASE("a file of fixed fields is told as well, once for all the routes that share it") {
  const Secret secret;
  REQUIRE(chmod(secret.file.c_str(), 0644) == 0);
  config::Settings settings;
  for (const char* path : {"/", "/crm/"}) {
    relay::RouteOptions route;
    route.path = path;
    route.fixed_field_files = {secret.file};
    settings.routes.push_back(std::move(route));
  }
  const std::string said =
      test::captured(STDERR_FILENO, [&] { app::warn_of_open_secret_files(settings); });
  CHECK(said.find("chmod 600 " + secret.file + " route=/ setting=set_header_file mode=0644\n") !=
        std::string::npos);
  CHECK(std::ranges::count(said, '\n') == 1);
}

TEST_CASE("a config file with a secret in it is told once, and one without is nobody's matter") {
  const Secret secret;
  REQUIRE(chmod(secret.file.c_str(), 0644) == 0);
  config::Settings settings;
  settings.config_file = secret.file;
  const auto said = [&] {
    return test::captured(STDERR_FILENO, [&] { app::warn_of_open_secret_files(settings); });
  };
  CHECK(said() == "");
  settings.secrets_in_file = {"token_store", "set_header X-Key"};
  CHECK(said().find("chmod 600 " + secret.file +
                    " settings=\"token_store, set_header X-Key\" mode=0644\n") !=
        std::string::npos);
  CHECK(std::ranges::count(said(), '\n') == 1);
  REQUIRE(chmod(secret.file.c_str(), 0640) == 0);
  CHECK(said() == "");
}

TEST_CASE("a certificate may be read by everybody") {
  const Secret secret;
  REQUIRE(chmod(secret.file.c_str(), 0644) == 0);
  config::Settings settings;
  token::CredentialOptions credential;
  credential.client_cert_file = secret.file;
  settings.credentials.push_back(std::move(credential));
  CHECK(test::captured(STDERR_FILENO, [&] { app::warn_of_open_secret_files(settings); }) == "");
}
