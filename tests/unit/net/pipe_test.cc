#include "net/pipe.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/no_descriptors.h"

using namespace bearer;
using net::PipeLease;
using net::PipePool;

namespace {

void put(net::Pipe& pipe, std::string_view bytes) {
  REQUIRE(write(pipe.in(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  pipe.filled(bytes.size());
}

}  // namespace

TEST_CASE("a pipe that comes back empty is the next one's") {
  PipePool pool;
  PipeLease pipe = pool.take();
  REQUIRE(pipe);
  const int in = pipe->in();
  pipe.reset();
  pipe = pool.take();
  CHECK(pipe->in() == in);
  CHECK(pipe->empty());
}

TEST_CASE("what was left in a pipe reaches nobody: it is closed") {
  PipePool pool;
  PipeLease pipe = pool.take();
  REQUIRE(pipe);
  put(*pipe, "another's");
  const int out = pipe->out();
  pipe.reset();
  CHECK(fcntl(out, F_GETFD) == -1);
  pipe = pool.take();
  REQUIRE(pipe);
  char byte;
  CHECK(read(pipe->out(), &byte, 1) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("so many pipes are open at once and no more, and few of them stay open") {
  PipePool pool;
  std::vector<PipeLease> pipes;
  while (PipeLease pipe = pool.take()) pipes.push_back(std::move(pipe));
  CHECK(pipes.size() == PipePool::kPipesMax);
  std::vector<int> ends;
  for (const PipeLease& pipe : pipes) ends.push_back(pipe->out());
  pipes.pop_back();
  CHECK(pool.take());
  pipes.clear();
  std::size_t open = 0;
  for (const int end : ends) open += fcntl(end, F_GETFD) != -1;
  CHECK(open == PipePool::kSparePipesMax);
}

TEST_CASE("where no descriptor is left there is no pipe, and a while later there may be") {
  PipePool pool;
  {
    const test::NoDescriptors none;
    CHECK_FALSE(pool.take());
  }
  CHECK_FALSE(pool.take());  // without asking
  int takes = 2;
  PipeLease pipe;
  for (; !pipe && takes < 1000; ++takes) pipe = pool.take();
  CHECK(pipe);
  CHECK(takes > 100);
}

TEST_CASE("a pool's end closes its pipes") {
  int in, out;
  {
    PipePool pool;
    const PipeLease pipe = pool.take();
    REQUIRE(pipe);
    in = pipe->in();
    out = pipe->out();
  }
  CHECK(fcntl(in, F_GETFD) == -1);
  CHECK(fcntl(out, F_GETFD) == -1);
}
