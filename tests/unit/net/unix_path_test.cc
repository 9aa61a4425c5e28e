#include "net/unix_path.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "net/listener.h"
#include "tests/support/eventually.h"
#include "tests/support/raw_socket.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;
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

/// The kernel says that this thread of ours waits for something, such as a lock.
bool sleeps(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string line((std::istreambuf_iterator<char>(stat)), {});
  const std::size_t name_ends = line.rfind(')');
  return name_ends != std::string::npos && line.substr(name_ends, 3) == ") S";
}

struct Fixture {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("p.sock");
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a path is removed with its last owner, not with one it was taken from") {
  const Socket socket;
  auto bound = UnixPath::listen(socket.fd, path, 0600, 1);
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
  auto first = UnixPath::listen(first_socket.fd, path, 0600, 1);
  auto second = UnixPath::listen(second_socket.fd, path + "2", 0600, 1);
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
  const auto bound = UnixPath::listen(socket.fd, path, 0600, 1);
  REQUIRE(bound.has_error());
  CHECK(bound.error().code == base::Errc::address_unusable);
  CHECK(bound.error().detail.find("is no socket") != std::string::npos);
  CHECK(std::filesystem::is_symlink(path));
}

TEST_CASE_FIXTURE(Fixture, "of those who start at the same time on one path one gets it, wholly") {
  constexpr int kStarts = 6;
  constexpr int kRounds = 40;
  for (int round = 0; round < kRounds; ++round) {
    const bool stale = round % 2 == 0;
    if (stale) {  // left by one that was killed
      const Socket killed;
      const net::SocketAddress address = net::unix_address(path);
      REQUIRE(bind(killed.fd, address.get(), address.size) == 0);
    }
    std::vector<std::optional<base::Result<net::Listener>>> outcomes(kStarts);
    std::barrier together(kStarts);
    std::vector<std::thread> starts;
    for (int i = 0; i < kStarts; ++i) {
      starts.emplace_back([&, i] {
        together.arrive_and_wait();
        auto opened = net::Listener::open(net::Address{"", 0, path});
        auto& outcome = outcomes[static_cast<std::size_t>(i)];
        if (opened) {
          outcome.emplace(std::move(opened->front()));
        } else {
          outcome.emplace(opened.error());
        }
      });
    }
    for (std::thread& start : starts) start.join();
    std::vector<int> winners;
    for (const auto& outcome : outcomes) {
      if (*outcome) {
        winners.push_back((*outcome)->fd());
      } else {
        CHECK(outcome->error().detail ==
              "cannot listen on unix:" + path +
                  ": another program listens there; choose another path");
      }
    }
    REQUIRE(winners.size() == 1);
    // The path leads to the one that says so.
    const test::RawSocket client = test::RawSocket::connect_to_path(path);
    const base::Descriptor accepted(accept4(winners.front(), nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(accepted.open());
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "one that is bound and does not listen yet is not taken for a dead one") {
  const base::Descriptor folder(
      open(directory.path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(flock(folder.get(), LOCK_EX | LOCK_NB) == 0);  // as another start holds it
  const Socket first;
  const net::SocketAddress address = net::unix_address(path);
  REQUIRE(bind(first.fd, address.get(), address.size) == 0);
  std::atomic<pid_t> starter = 0;
  auto second = std::async(std::launch::async, [&] {
    starter = gettid();
    return net::Listener::open(net::Address{"", 0, path});
  });
  const auto over = [&] { return second.wait_for(0s) == std::future_status::ready; };
  REQUIRE(test::eventually([&] { return over() || sleeps(starter); }));
  CHECK_FALSE(over());
  REQUIRE(listen(first.fd, 1) == 0);
  REQUIRE(flock(folder.get(), LOCK_UN) == 0);
  const auto outcome = second.get();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().detail.find("another program listens there") != std::string::npos);
  const test::RawSocket client = test::RawSocket::connect_to_path(path);
}
