#include "net/unix_path.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using net::UnixPath;

namespace {

/// A socket, not bound to anything.
class Socket {
 public:
  Socket() : fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) { REQUIRE(fd >= 0); }
  ~Socket() { close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  const int fd;
};

struct Fixture {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("p.sock");
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a path is removed with its last owner, not with one it was taken from") {
  const Socket socket;
  auto bound = UnixPath::bind(socket.fd, path, 0600);
  REQUIRE(bound.has_value());
  std::optional<UnixPath> owner;
  {
    UnixPath moved(std::move(*bound));
    owner.emplace(std::move(moved));
  }
  CHECK(std::filesystem::is_socket(path));
  owner.reset();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_FIXTURE(Fixture, "an owner that is given another path removes its own") {
  const Socket first_socket, second_socket;
  auto first = UnixPath::bind(first_socket.fd, path, 0600);
  auto second = UnixPath::bind(second_socket.fd, path + "2", 0600);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  {
    UnixPath other(std::move(*second));
    *first = std::move(other);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(std::filesystem::exists(path + "2"));
}

TEST_CASE_FIXTURE(Fixture, "a link to somewhere else is no socket, and is left alone") {
  std::filesystem::create_symlink(directory.path("elsewhere"), path);
  const Socket socket;
  const auto bound = UnixPath::bind(socket.fd, path, 0600);
  REQUIRE(bound.has_error());
  CHECK(bound.error().code == base::Errc::address_unusable);
  CHECK(bound.error().detail.find("is no socket") != std::string::npos);
  CHECK(std::filesystem::is_symlink(path));
}
