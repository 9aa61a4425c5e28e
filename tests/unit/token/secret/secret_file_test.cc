#include "token/secret/secret_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "base/descriptor.h"
#include "tests/support/finished.h"
#include "tests/support/temporary_directory.h"
#include "token/oauth/client_auth.h"

using namespace bearer;

namespace {

base::Result<base::Secret> read(const std::string& path) {
  token::CredentialOptions options;
  options.client_secret_file = path;
  return token::client_secret(options);
}

}  // namespace

TEST_CASE("a secret's file loses its last line breaks and a byte order mark, and nothing else") {
  const test::TemporaryDirectory directory;
  struct Case {
    const char* content;
    const char* secret;
  };
  for (const Case& c :
       {Case{"s3cret", "s3cret"}, Case{"s3cret\n", "s3cret"}, Case{"s3cret\r\n", "s3cret"},
        Case{"s3cret\r\n\n\r\n", "s3cret"}, Case{" s3 cret ", " s3 cret "},
        Case{"s\xc3\xa9\n", "s\xc3\xa9"}, Case{"\xef\xbb\xbfs3cret\r\n", "s3cret"}}) {
    CAPTURE(c.content);
    const auto secret = read(directory.write("secret", c.content));
    REQUIRE(secret.has_value());
    CHECK(secret->reveal() == c.secret);
  }
}

TEST_CASE("an unusable secret's file is named with its setting, never with its content") {
  const test::TemporaryDirectory directory;
  struct Case {
    std::string content;
    const char* why;
  };
  const Case cases[] = {{"", "is empty"},
                        {"\n", "is empty"},
                        {"\xef\xbb\xbf", "is empty"},
                        {"\xef\xbb\xbf\r\n", "is empty"},
                        {"   ", "is empty but for white space"},
                        {"\xef\xbb\xbf \t\n\n", "is empty but for white space"},
                        {"hush\n \n", "control character"},
                        {"hush\nhush\n", "control character"},
                        {"hush\r", "control character"},
                        {std::string("hu\0sh", 5), "control character"},
                        {"hush\x7f", "control character"},
                        {std::string(token::kSecretBytesMax + 1, 'h'), "larger than 64 KiB"}};
  for (const Case& c : cases) {
    CAPTURE(c.why);
    const std::string path = directory.write("secret", c.content);
    const auto secret = read(path);
    REQUIRE_FALSE(secret.has_value());
    const std::string said = secret.error().sentence();
    CHECK(secret.error().code == base::Errc::file_unreadable);
    CHECK(said.find(c.why) != std::string::npos);
    CHECK(said.find(path) != std::string::npos);
    CHECK(said.find("client_secret_file") != std::string::npos);
    CHECK(said.find("hush") == std::string::npos);
  }
}

TEST_CASE("a secret's file that is missing or a directory fails at once") {
  const test::TemporaryDirectory directory;
  for (const std::string& path : {directory.path("missing"), directory.path("")}) {
    CAPTURE(path);
    const auto secret = read(path);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().code == base::Errc::file_unreadable);
  }
}

TEST_CASE("a secret out of a pipe is one like any other") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const base::Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  base::Descriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(::write(writer.get(), "\xef\xbb\xbfs3cret\r\n", 11) == 11);
  net::Loop loop(base::system_clock());
  const auto awaited = [&] {
    return test::finished(loop, token::await_pipe(path, "password_file", loop));
  };
  SUBCASE("that was closed before") {
    writer.reset();
  }
  SUBCASE("that is closed meanwhile") {}
  std::jthread closes([&writer] { writer.reset(); });
  CHECK(awaited().has_value());
  const auto secret = read(path);
  REQUIRE(secret.has_value());
  CHECK(secret->reveal() == "s3cret");
  const std::string file = directory.write("file", "");
  CHECK(test::finished(token::await_pipe(file, "password_file", loop)).has_value());
}

TEST_CASE("a pipe that is no longer waited for is named with its setting") {
  CHECK(token::pipe_given_up("/run/fifo", "password_file").sentence() ==
        "the secret's file /run/fifo is a pipe that is no longer waited for: check password_file");
}

TEST_CASE("a secret from the environment is taken as it is, but for control characters") {
  token::CredentialOptions options;
  options.client_secret = base::Secret("from env");
  CHECK(token::client_secret(options)->reveal() == "from env");
  options.client_secret = base::Secret("hush\n");
  const auto secret = token::client_secret(options);
  REQUIRE_FALSE(secret.has_value());
  CHECK(secret.error().fix.find("BEARER_PROXY_CLIENT_SECRET") != std::string::npos);
}

TEST_CASE("a file's fingerprint changes when it is replaced, and when it comes and goes") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("secret");
  const auto missing = token::file_fingerprint(path);
  directory.write("secret", "one");
  const auto first = token::file_fingerprint(path);
  CHECK(first != missing);
  CHECK(token::file_fingerprint(path) == first);
  directory.write("secret", "two");  // the same size, perhaps the same second
  CHECK(token::file_fingerprint(path) != first);
}

TEST_CASE("a path leads through links of files and directories, also to a file that is not there") {
  const test::TemporaryDirectory directory;
  const std::string there = directory.write("there", "x");
  std::filesystem::create_symlink("there", directory.path("link"));
  std::filesystem::create_symlink(directory.path("link"), directory.path("link-to-link"));
  std::filesystem::create_symlink("yet-to-come", directory.path("dangling"));
  std::filesystem::create_directory_symlink(".", directory.path("here"));
  CHECK(token::without_links(there) == there);
  CHECK(token::without_links(directory.path("link")) == there);
  CHECK(token::without_links(directory.path("link-to-link")) == there);
  CHECK(token::without_links(directory.path("here/link")) == there);
  CHECK(token::without_links(directory.path("dangling")) == directory.path("yet-to-come"));
  CHECK(token::without_links(directory.path("here/missing")) == directory.path("missing"));
}

TEST_CASE("a link into a directory that is not there leads there all the same") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_symlink("none/file", directory.path("link"));
  CHECK(token::without_links(directory.path("link")) == directory.path("none/file"));
}

TEST_CASE("a path that leads nowhere stays as it is") {
  const test::TemporaryDirectory directory;
  const std::string circle = directory.path("circle");
  std::filesystem::create_symlink("circle", circle);
  CHECK(token::without_links(circle) == circle);
  CHECK(token::without_links(directory.path("none/file")) == directory.path("none/file"));
}

TEST_CASE("the directory of a bare name is the one where the process is") {
  CHECK(token::directory_of("file") == ".");
  CHECK(token::directory_of("/run/file") == "/run");
}
