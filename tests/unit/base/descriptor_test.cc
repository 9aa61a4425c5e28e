#include "base/descriptor.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <utility>

using bearer::base::Descriptor;

namespace {

int opened() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("a descriptor is closed with its owner, or when the owner takes another") {
  const int first = opened();
  const int second = opened();
  {
    Descriptor owner(first);
    CHECK(owner.open());
    owner.reset(second);
    CHECK_FALSE(is_open(first));
    CHECK(owner.get() == second);
  }
  CHECK_FALSE(is_open(second));
}

TEST_CASE("a descriptor that is moved is closed once, by its new owner") {
  const int first = opened();
  const int second = opened();
  Descriptor from(first);
  Descriptor to(second);
  to = std::move(from);
  CHECK_FALSE(is_open(second));
  CHECK(is_open(first));
  const Descriptor last(std::move(to));
  CHECK(last.get() == first);
  CHECK(is_open(first));
}

TEST_CASE("a call that failed leaves nothing to close") {
  CHECK_FALSE(Descriptor(-1).open());
  CHECK_FALSE(Descriptor().open());
}
