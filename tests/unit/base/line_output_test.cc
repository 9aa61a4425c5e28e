#include "base/line_output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/terminal.h"

using bearer::base::LineOutput;
using bearer::test::eventually;
using bearer::test::Terminal;

namespace {

struct Pipe {
  Pipe() {
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
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

/// Writes lines of `size` until one is lost. Returns the errno.
int fill(LineOutput& output, std::size_t size) {
  int error = 0;
  while (error == 0) error = output.write(std::string(size, 'x') + "\n");
  return error;
}

/// How many lines of fill() have lost a part.
int short_lines(const std::string& content, std::size_t size) {
  int count = 0;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    if (end - at < size && content[at] == 'x') ++count;
    at = end + 1;
  }
  return count;
}

}  // namespace

TEST_CASE("a reader that stops reading costs lines, and no wait") {
  const Pipe pipe;
  LineOutput output(pipe.ends[1]);
  CHECK(fill(output, 99) == EAGAIN);
  pipe.read_all();
  CHECK(output.write("again\n") == 0);
  CHECK(pipe.read_all().ends_with("again\n"));
}

TEST_CASE("a line that is longer than what a pipe takes at once is written whole") {
  const Pipe pipe;
  const std::string line = std::string(20'000, 'x') + "\n";
  CHECK(LineOutput(pipe.ends[1]).write(line) == 0);
  CHECK(pipe.read_all() == line);
}

TEST_CASE("a full disk and a closed descriptor are told") {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  LineOutput output(full);
  CHECK(output.write("lost\n") == ENOSPC);
  close(full);
  CHECK(output.write("lost\n") == EBADF);
}

TEST_CASE("a terminal that nobody reads costs lines, and no wait") {
  const Terminal terminal;
  LineOutput output(terminal.fd());
  CHECK(fill(output, 230) == EAGAIN);
  CHECK(fill(output, 7'000) == EAGAIN);
  CHECK((fcntl(terminal.fd(), F_GETFL) & O_NONBLOCK) == 0);  // it is the others', too
  CHECK(eventually([&] {
    terminal.read_some();
    return output.write("again\n") == 0;
  }));
  terminal.read_until("again\n");
}

TEST_CASE("neither does a terminal that cannot be opened a second time") {
  const Terminal terminal;
  REQUIRE(fchmod(terminal.fd(), 0) == 0);
  LineOutput output(terminal.fd());
  const int user = setfsuid(65534);  // this thread of root may open it no more
  CHECK(output.write("first\n") == 0);
  setfsuid(static_cast<uid_t>(user));
  CHECK(terminal.read_until("\n") == "first\n");
  CHECK(fill(output, 310) == EAGAIN);
  CHECK((fcntl(terminal.fd(), F_GETFL) & O_NONBLOCK) == 0);
  std::string content;
  CHECK(eventually([&] {
    content += terminal.read_some();
    return output.write("again\n") == 0;
  }));
  content += terminal.read_until("again\n");
  CHECK(short_lines(content, 310) == 0);
}

TEST_CASE("a descriptor that came to name another file is written to without a wait as well") {
  const Pipe pipe;
  const Terminal terminal;
  const int fd = dup(pipe.ends[1]);
  LineOutput output(fd);
  CHECK(output.write("one\n") == 0);
  REQUIRE(dup2(terminal.fd(), fd) == fd);
  CHECK(output.write("two\n") == 0);
  CHECK(pipe.read_all() == "one\n");
  CHECK(terminal.read_until("\n") == "two\n");
  CHECK(fill(output, 1'000) == EAGAIN);
  close(fd);
}

TEST_CASE("the line after one of which a part was lost is a line of its own") {
  const Pipe pipe;
  LineOutput output(pipe.ends[1]);
  CHECK(fill(output, 9'000) == EAGAIN);
  std::string content = pipe.read_all();
  CHECK(short_lines(content, 9'000) == 1);
  CHECK(output.write("next\n") == 0);
  CHECK(output.write("last\n") == 0);
  content += pipe.read_all();
  CHECK(content.ends_with("x\nnext\nlast\n"));
}
