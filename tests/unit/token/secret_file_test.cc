#include "token/secret_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/descriptor.h"
#include "tests/support/temporary_directory.h"

namespace token_secret_file_test {

using namespace bearer;

namespace {

token::Outcome<base::Secret> read(const std::string& path) {
  token::CredentialOptions options;
  options.client_secret_file = path;
  return token::client_secret(options);
}

}  // namespace

TEST_CASE("a secret's file loses its last line break and nothing else") {
  const test::TemporaryDirectory directory;
  struct Case {
    const char* content;
    const char* secret;
  };
  for (const Case& c :
       {Case{"s3cret", "s3cret"}, Case{"s3cret\n", "s3cret"}, Case{"s3cret\r\n", "s3cret"},
        Case{" s3 cret ", " s3 cret "}, Case{"s\xc3\xa9\n", "s\xc3\xa9"}}) {
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
                        {"hush\n\n", "control character"},
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
    const std::string said = secret.error().error().detail;
    CHECK(secret.error().code == base::Errc::file_unreadable);
    CHECK(said.find(c.why) != std::string::npos);
    CHECK(said.find(path) != std::string::npos);
    CHECK(said.find("client_secret_file") != std::string::npos);
    CHECK(said.find("hush") == std::string::npos);
  }
}

TEST_CASE("a secret's file that is missing, a directory or a FIFO fails at once") {
  const test::TemporaryDirectory directory;
  const std::string fifo = directory.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const std::string& path : {directory.path("missing"), directory.path(""), fifo}) {
    CAPTURE(path);
    const auto secret = read(path);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().code == base::Errc::file_unreadable);
  }
}

TEST_CASE("a secret's pipe is read once; with nothing in it, what is wanted is said") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const auto check_barren = [&path] {
    const auto secret = read(path);
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().detail ==
          "the secret's file " + path +
              " is a pipe with nothing in it; a secret is read at each token request, so it has to "
              "be a regular file");
  };
  check_barren();  // nobody writes
  base::Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  base::Descriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  check_barren();  // somebody will, perhaps
  REQUIRE(::write(writer.get(), "s3cret\n", 7) == 7);
  writer.reset();  // as a shell's <(...) does
  const auto secret = read(path);
  REQUIRE(secret.has_value());
  CHECK(secret->reveal() == "s3cret");
  check_barren();
}

TEST_CASE("a secret from the environment is taken as it is, but for control characters") {
  token::CredentialOptions options;
  options.client_secret = base::Secret("from env");
  CHECK(token::client_secret(options)->reveal() == "from env");
  options.client_secret = base::Secret("hush\n");
  const auto secret = token::client_secret(options);
  REQUIRE_FALSE(secret.has_value());
  CHECK(secret.error().mend.find("BEARER_PROXY_CLIENT_SECRET") != std::string::npos);
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

}  // namespace token_secret_file_test
