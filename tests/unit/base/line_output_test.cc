#include "base/line_output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

using bearer::base::write_line;

namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  /// Returns what is in it; at most a megabyte.
  std::string read_all() const {
    std::string content(1u << 20, '\0');
    const ssize_t bytes = read(ends[0], content.data(), content.size());
    content.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    return content;
  }

  int ends[2]{};
};

}  // namespace

TEST_CASE("a reader that stops reading costs lines, and no wait") {
  const Pipe pipe;
  const std::string line(100, 'x');
  int error = 0;
  while (error == 0) error = write_line(pipe.ends[1], line);
  CHECK(error == EAGAIN);
  pipe.read_all();
  CHECK(write_line(pipe.ends[1], "again\n") == 0);
  CHECK(pipe.read_all() == "again\n");
}

TEST_CASE("a line that is longer than what a pipe takes at once is written whole") {
  const Pipe pipe;
  const std::string line = std::string(20'000, 'x') + "\n";
  CHECK(write_line(pipe.ends[1], line) == 0);
  CHECK(pipe.read_all() == line);
}

TEST_CASE("a full disk and a closed descriptor are told") {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  CHECK(write_line(full, "lost\n") == ENOSPC);
  close(full);
  CHECK(write_line(full, "lost\n") == EBADF);
}
