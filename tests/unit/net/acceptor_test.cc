#include "net/acceptor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "net/listener.h"
#include "net/task.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using net::Acceptor;
using test::OwnedLoop;

namespace {

/// A client that connects and stays.
class Caller {
 public:
  explicit Caller(const net::SocketAddress& address)
      : fd_(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(connect(fd_, address.get(), address.size) == 0);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { close(fd_); }

 private:
  int fd_;
};

net::Task<void> count_wakes(net::Sleeper& sleeper, int& set_waiter) {
  for (;;) {
    co_await sleeper.sleep(base::kNever);
    ++set_waiter;
  }
}

struct Fixture {
  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  Acceptor acceptor{owned.loop(), listeners.front().fd(), sleeper};
  const net::SocketAddress& address = listeners.front().address();
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a socket that its other owner makes blocking holds nobody up") {
  REQUIRE(fcntl(listeners.front().fd(), F_SETFL, 0) == 0);
  CHECK(acceptor.accept().status == Acceptor::Status::blocked);
  const Caller first(address);
  const Acceptor::Accepted accepted = acceptor.accept();
  REQUIRE(accepted.status == Acceptor::Status::ok);
  CHECK((fcntl(accepted.fd, F_GETFL) & O_NONBLOCK) != 0);
  close(accepted.fd);
  CHECK(acceptor.accept().status == Acceptor::Status::blocked);
}

TEST_CASE_FIXTURE(Fixture, "clients are taken one after the other until nobody waits") {
  CHECK(acceptor.accept().status == Acceptor::Status::blocked);
  const Caller first(address), second(address);
  for (int i = 0; i < 2; ++i) {
    const Acceptor::Accepted accepted = acceptor.accept();
    REQUIRE(accepted.status == Acceptor::Status::ok);
    CHECK((fcntl(accepted.fd, F_GETFL) & O_NONBLOCK) != 0);
    close(accepted.fd);
  }
  CHECK(acceptor.accept().status == Acceptor::Status::blocked);
}

TEST_CASE_FIXTURE(Fixture, "a client that comes wakes the sleeper") {
  int set_waiter = 0;
  net::Task<void> task = count_wakes(sleeper, set_waiter);
  task.start();
  owned.turn();
  CHECK(set_waiter == 0);
  const Caller caller(address);
  owned.turn();
  CHECK(set_waiter == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "without a free descriptor accepting fails, and the client keeps waiting") {
  const Caller caller(address);
  {
    const test::NoDescriptors none;
    const Acceptor::Accepted accepted = acceptor.accept();
    CHECK(accepted.status == Acceptor::Status::failed);
    CHECK(accepted.error == EMFILE);
  }
  const Acceptor::Accepted later = acceptor.accept();
  CHECK(later.status == Acceptor::Status::ok);
  close(later.fd);
}

TEST_CASE_FIXTURE(Fixture, "a refusal that says nothing of one client is not tried again at once") {
  REQUIRE(shutdown(listeners.front().fd(), SHUT_RD) == 0);
  const Acceptor::Accepted accepted = acceptor.accept();
  CHECK(accepted.status == Acceptor::Status::failed);
  CHECK(accepted.error == EINVAL);
}

TEST_CASE("what cannot be watched is said at once") {
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  CHECK_THROWS(Acceptor(owned.loop(), -1, sleeper));
}
