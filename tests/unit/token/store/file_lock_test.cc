#include "token/store/file_lock.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::FileLock;

TEST_CASE("one of two has the lock, until it lets go") {
  const test::TemporaryDirectory directory;
  FileLock first(directory.path("lock"), 7);
  FileLock second(directory.path("lock"), 7);
  CHECK(first.try_lock().value());
  CHECK_FALSE(second.try_lock().value());
  first.unlock();
  CHECK(second.try_lock().value());
}

TEST_CASE("different bytes are different locks") {
  const test::TemporaryDirectory directory;
  FileLock first(directory.path("lock"), 7);
  FileLock second(directory.path("lock"), 8);
  CHECK(first.try_lock().value());
  CHECK(second.try_lock().value());
}

TEST_CASE("the lock of a process that is killed is free at once") {
  const test::TemporaryDirectory directory;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    FileLock lock(directory.path("lock"), 7);
    const char answer = lock.try_lock().value() ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) == 1) ::pause();
    ::_exit(1);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  FileLock lock(directory.path("lock"), 7);
  CHECK_FALSE(lock.try_lock().value());
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(lock.try_lock().value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("the file is its owner's alone, and one that cannot be made is an error that names it") {
  const test::TemporaryDirectory directory;
  FileLock lock(directory.path("lock"), 0);
  REQUIRE(lock.try_lock().value());
  struct stat info {};
  REQUIRE(::stat(directory.path("lock").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);

  FileLock nowhere(directory.path("missing/lock"), 0);
  const auto failed = nowhere.try_lock();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == base::Errc::store_unusable);
  CHECK(failed.error().detail.starts_with(directory.path("missing/lock") + " cannot be opened ("));
}

TEST_CASE("a lock of a file that has to be there makes none, and is of the file, not of its name") {
  const test::TemporaryDirectory directory;
  FileLock absent(directory.path("grant"), 0, FileLock::Missing::fails);
  CHECK(absent.try_lock().has_error());
  CHECK_FALSE(std::filesystem::exists(directory.path("grant")));
  const std::string file = directory.write("grant", "g");
  std::filesystem::create_hard_link(file, directory.path("same"));
  FileLock first(file, 0, FileLock::Missing::fails);
  FileLock second(directory.path("same"), 0, FileLock::Missing::fails);
  CHECK(first.try_lock().value());
  CHECK_FALSE(second.try_lock().value());
}
