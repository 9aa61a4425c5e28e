#include "relay/body/spill_file.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <array>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using base::Errc;
using relay::SpillFile;
using test::ScopedEnvironment;
using test::TemporaryDirectory;

namespace {

std::string read(const SpillFile& file, std::uint64_t offset, std::size_t size) {
  std::string into(size, '\0');
  const auto count = file.read(offset, into);
  REQUIRE(count.has_value());
  return into.substr(0, *count);
}

}  // namespace

TEST_CASE("what is appended can be read from anywhere") {
  SpillFile file;
  CHECK_FALSE(file.open());
  REQUIRE(file.append("hello ").has_value());
  REQUIRE(file.append("world").has_value());
  CHECK(file.open());
  CHECK(read(file, 0, 99) == "hello world");
  CHECK(read(file, 6, 3) == "wor");
  CHECK(read(file, 11, 9).empty());
  REQUIRE(file.append("!").has_value());  // reading moved nothing
  CHECK(read(file, 10, 9) == "d!");
}

TEST_CASE("the file is in TMPDIR and nobody can find it there") {
  const TemporaryDirectory directory;
  const ScopedEnvironment tmpdir("TMPDIR", directory.path(""));
  SpillFile file;
  REQUIRE(file.append("secret").has_value());
  CHECK(std::filesystem::is_empty(directory.path("")));
  const SpillFile moved(std::move(file));
  CHECK(moved.open());
  CHECK(read(moved, 0, 9) == "secret");
}

TEST_CASE("a folder that does not exist is an error that names the settings") {
  const TemporaryDirectory directory;
  const ScopedEnvironment tmpdir("TMPDIR", directory.path("missing"));
  SpillFile file;
  const auto failed = file.append("x");
  REQUIRE(failed.has_error());
  CHECK(failed.error().code == Errc::spill_failed);
  for (const char* part : {"opening", "No such file", "TMPDIR", "--replay-max"}) {
    CHECK(failed.error().sentence().find(part) != std::string::npos);
  }
}

TEST_CASE("a disk that is full is an error in the system's words") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit little{100, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &little) == 0);
  SpillFile file;
  const auto failed = file.append(std::string(1000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  REQUIRE(failed.has_error());
  CHECK(failed.error().code == Errc::spill_failed);
  CHECK(failed.error().detail.find("writing") == 0);
}
