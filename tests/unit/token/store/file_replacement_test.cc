#include "token/store/file_replacement.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/support/content.h"
#include "tests/support/own_mounts.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::FileReplacement;

namespace {

mode_t mode(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

/// Does the first `steps` of a replacement in a process that is then killed.
void die_after(std::size_t steps, const std::string& path) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    FileReplacement replacement(path, base::Secret("new grant"));
    for (std::size_t i = 0; i < steps; ++i) {
      if (!(replacement.*FileReplacement::kSteps[i])()) ::_exit(1);
    }
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("a process killed after any step leaves the old content or the new, whole") {
  for (std::size_t steps = 0; steps <= FileReplacement::kSteps.size(); ++steps) {
    CAPTURE(steps);
    const test::TemporaryDirectory directory;
    const std::string path = directory.write("grant", "old grant\n");
    die_after(steps, path);
    const bool renamed = steps >= 4;
    CHECK(test::content(path) == (renamed ? "new grant\n" : "old grant\n"));

    // The file that the dead one left behind is in nobody's way.
    REQUIRE(token::replace_file(path, base::Secret("next")).has_value());
    CHECK(test::content(path) == "next\n");
    CHECK(mode(path) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path("")), {}) == 1);
  }
}

TEST_CASE("a symbolic link stays one, and what it points at is replaced") {
  const test::TemporaryDirectory directory;
  const std::string real = directory.write("real", "old");
  const std::string link = directory.path("link");
  std::filesystem::create_symlink("real", link);
  REQUIRE(token::replace_file(link, base::Secret("new")).has_value());
  CHECK(std::filesystem::is_symlink(link));
  CHECK(test::content(real) == "new\n");
}

TEST_CASE("where nothing can be written the file stays as it was, and the error says why") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("grant", "old");
  // A directory in the fresh file's place: stops root, too.
  std::filesystem::create_directory(path + ".new");
  const auto replaced = token::replace_file(path, base::Secret("hush"));
  REQUIRE_FALSE(replaced.has_value());
  CHECK(replaced.error().code == base::Errc::file_unwritable);
  CHECK(replaced.error().detail.starts_with(path + ".new cannot be removed ("));
  CHECK(replaced.error().detail.find("hush") == std::string::npos);
  CHECK(test::content(path) == "old");
}

TEST_CASE("a replacement that ends before its rename leaves no fresh file behind") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("grant", "old");
  {
    FileReplacement replacement(path, base::Secret("new"));
    REQUIRE(replacement.create().has_value());
    REQUIRE(replacement.write().has_value());
    CHECK(mode(path + ".new") == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

namespace {

std::string saved(const std::string& path, const std::string& content) {
  const auto result = token::save_file(path, base::Secret(std::string(content)));
  return result ? "saved" : result.error().sentence();
}

}  // namespace

TEST_CASE("a file that is mounted by itself is written over, longer and shorter, and stays") {
  const test::TemporaryDirectory directory;
  const std::string host = directory.write("host", "grant-1\n");
  const std::string path = directory.write("mounted", "");
  const bool ran = test::with_own_mounts([&] {
    CHECK_FALSE(token::is_mount_point(path));
    test::bind_mount(host, path);
    CHECK(token::is_mount_point(path));
    CHECK(token::why_unsavable(path) == "");
    CHECK_FALSE(token::replace_file(path, base::Secret("no")).has_value());
    for (const char* next : {"a-longer-grant-than-the-first", "short", "grant-4"}) {
      CHECK(saved(path, next) == "saved");
      CHECK(test::content(host) == std::string(next) + "\n");
    }
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
  });
  if (!ran) MESSAGE("nothing may be mounted here");
}

TEST_CASE(
    "a file in a directory that is read only is written over, and one that is so itself not") {
  const test::TemporaryDirectory directory, readonly;
  const std::string host = directory.write("host", "old");
  const std::string path = readonly.write("grant", "");
  const bool ran = test::with_own_mounts([&] {
    test::bind_mount(readonly.path(""), readonly.path(""), MS_RDONLY);
    CHECK(token::why_unsavable(path) == "Read-only file system");
    const std::string said = saved(path, "hush");
    CHECK(said.starts_with(path + ".new cannot be removed (Read-only file system), and " + path +
                           " itself cannot be written (Read-only file system): let this process"));
    test::bind_mount(host, path);
    CHECK(token::why_unsavable(path) == "");
    CHECK(saved(path, "new") == "saved");
    CHECK(test::content(host) == "new\n");
  });
  if (!ran) MESSAGE("nothing may be mounted here");
}

TEST_CASE(
    "on a full disk a token of the same size is written over, and a larger one harms nothing") {
  const test::TemporaryDirectory directory;
  const bool ran = test::with_own_mounts([&] {
    const std::string disk = directory.path("");
    REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=8k") == 0);
    const std::string path = directory.write("grant", "first");
    directory.write("fills", std::string(4096, 'x'));
    CHECK(saved(path, "other") == "saved");
    CHECK(test::content(path) == "other\n");
    const std::string said = saved(path, std::string(5000, 'l'));
    CHECK(said.ends_with("No space left on device): make room on its disk"));
    CHECK(test::content(path) == "other\n");
  });
  if (!ran) MESSAGE("nothing may be mounted here");
}

TEST_CASE("a replacement that fails for another reason writes over nothing") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("grant", "old");
  std::filesystem::create_directory(path + ".new");
  CHECK(saved(path, "hush").starts_with(path + ".new cannot be removed ("));
  CHECK(test::content(path) == "old");
  CHECK(saved(directory.path("none/grant"), "hush").starts_with(directory.path("none/grant.new")));
}
