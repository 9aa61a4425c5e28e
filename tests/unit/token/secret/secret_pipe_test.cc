#include "token/secret/secret_pipe.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "base/descriptor.h"
#include "tests/support/eventually.h"
#include "tests/support/finished.h"
#include "tests/support/owned_loop.h"
#include "tests/support/temporary_directory.h"
#include "token/secret/secret_file.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// A FIFO, and who writes into it.
class Fifo {
 public:
  Fifo() { REQUIRE(mkfifo(path().c_str(), 0600) == 0); }

  std::string path() const { return directory_.path("fifo"); }

  /// Waits until somebody reads.
  void open() {
    const bool opened = test::eventually([this] {
      writer_.reset(::open(path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      return writer_.open();
    });
    if (!opened) throw std::runtime_error("nobody reads the FIFO");
  }
  void write(std::string_view text) const {
    const auto size = static_cast<ssize_t>(text.size());
    if (::write(writer_.get(), text.data(), text.size()) != size) throw std::runtime_error("write");
  }
  void close() { writer_.reset(); }
  void grow() const { REQUIRE(fcntl(writer_.get(), F_SETPIPE_SZ, 1 << 17) >= 1 << 17); }

 private:
  const test::TemporaryDirectory directory_;
  base::Descriptor writer_;
};

std::string failure_of(const base::Result<base::Secret>& came) {
  return came ? "none" : came.error().detail;
}

}  // namespace

TEST_CASE("what comes out of a pipe piece by piece is waited for, and serves every reading") {
  Fifo fifo;
  std::jthread writes([&fifo] {
    fifo.open();  // once it is being read
    fifo.write("s3c");
    fifo.write("ret\n");
    fifo.close();
  });
  CHECK(token::read_pipe(fifo.path())->reveal() == "s3cret\n");
  CHECK(token::read_pipe(fifo.path())->reveal() == "s3cret\n");
}

TEST_CASE("two that read one pipe at a time get the same") {
  Fifo fifo;
  std::string other;
  std::jthread reads([&] { other = token::read_pipe(fifo.path())->reveal(); });
  std::jthread writes([&fifo] {
    fifo.open();
    fifo.write("s3cret");
    fifo.close();
  });
  CHECK(token::read_pipe(fifo.path())->reveal() == "s3cret");
  reads.join();
  CHECK(other == "s3cret");
}

TEST_CASE("a pipe that takes too long is said to, and read on the next time") {
  Fifo fifo;
  CHECK(failure_of(token::read_pipe(fifo.path(), 20ms)) ==
        "is a pipe out of which nothing came within 20 ms");
  fifo.open();
  fifo.write("s3c");
  CHECK(failure_of(token::read_pipe(fifo.path(), 20ms)) ==
        "is a pipe that was not closed within 20 ms: what writes there has to end");
  fifo.write("ret");
  fifo.close();
  CHECK(token::read_pipe(fifo.path(), 0ms)->reveal() == "s3cret");
}

TEST_CASE("a pipe that is closed with nothing in it is no secret; a FIFO may get another writer") {
  Fifo fifo;
  CHECK_FALSE(token::read_pipe(fifo.path(), 0ms).has_value());
  fifo.open();
  fifo.close();
  CHECK(failure_of(token::read_pipe(fifo.path())) ==
        "is a pipe that was closed with nothing in it; see what writes there");
  CHECK_FALSE(token::read_pipe(fifo.path(), 0ms).has_value());
  fifo.open();
  fifo.write("s3cret");
  fifo.close();
  CHECK(token::read_pipe(fifo.path())->reveal() == "s3cret");
}

TEST_CASE("of a pipe without an end no more is read than a secret may have") {
  Fifo fifo;
  CHECK_FALSE(token::read_pipe(fifo.path(), 0ms).has_value());
  fifo.open();
  fifo.grow();
  fifo.write(std::string(token::kSecretBytesMax + 1000, 'x'));
  CHECK(token::read_pipe(fifo.path())->reveal().size() == token::kSecretBytesMax + 1);
}

TEST_CASE("two that wait for one pipe on one loop get the same, and a third that leaves nothing") {
  Fifo fifo;
  const std::string path = fifo.path();
  net::Loop loop(base::system_clock());
  std::optional<base::Result<base::Secret>> first, second, third;
  net::Task<void> one = test::keep(token::read_pipe(path, loop), first);
  net::Task<void> other = test::keep(token::read_pipe(path, loop), second);
  net::Task<void> leaving = test::keep(token::read_pipe(path, loop), third);
  for (net::Task<void>* task : {&one, &other, &leaving}) task->start();
  fifo.open();
  fifo.write("s3c");
  test::turn(loop);
  leaving = {};
  fifo.write("ret");
  fifo.close();
  while (!one.done() || !other.done()) test::turn(loop);
  CHECK(first->value().reveal() == "s3cret");
  CHECK(second->value().reveal() == "s3cret");
  CHECK_FALSE(third.has_value());
}

TEST_CASE("a pipe that is waited for on a loop and takes too long is said to") {
  const Fifo fifo;
  const std::string path = fifo.path();
  test::OwnedLoop time;
  std::optional<base::Result<base::Secret>> came;
  net::Task<void> task = test::keep(token::read_pipe(path, time.loop()), came);
  task.start();
  time.advance(token::kPipePatience - 1ms);
  CHECK_FALSE(task.done());
  time.advance(1ms);
  REQUIRE(task.done());
  CHECK(failure_of(*came) == "is a pipe out of which nothing came within 10 s");
}

TEST_CASE("a pipe is told from a file, and from nothing") {
  const Fifo fifo;
  const test::TemporaryDirectory directory;
  CHECK(token::is_pipe(fifo.path()));
  CHECK_FALSE(token::is_pipe(directory.write("file", "")));
  CHECK_FALSE(token::is_pipe(directory.path("nothing")));
  CHECK(failure_of(token::read_pipe(directory.path("nothing"))) ==
        "cannot be read (No such file or directory)");
}
