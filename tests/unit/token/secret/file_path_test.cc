#include "token/secret/file_path.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::directory_of;
using token::without_links;

TEST_CASE("a path leads through links of files and directories, also to a file that is not there") {
  const test::TemporaryDirectory directory;
  const std::string there = directory.write("there", "x");
  std::filesystem::create_symlink("there", directory.path("link"));
  std::filesystem::create_symlink(directory.path("link"), directory.path("link-to-link"));
  std::filesystem::create_symlink("yet-to-come", directory.path("dangling"));
  std::filesystem::create_directory_symlink(".", directory.path("here"));
  CHECK(without_links(there) == there);
  CHECK(without_links(directory.path("link")) == there);
  CHECK(without_links(directory.path("link-to-link")) == there);
  CHECK(without_links(directory.path("here/link")) == there);
  CHECK(without_links(directory.path("dangling")) == directory.path("yet-to-come"));
  CHECK(without_links(directory.path("here/missing")) == directory.path("missing"));
}

TEST_CASE("a link into a directory that is not there leads there all the same") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_symlink("none/file", directory.path("link"));
  CHECK(without_links(directory.path("link")) == directory.path("none/file"));
}

TEST_CASE("a path that leads nowhere stays as it is") {
  const test::TemporaryDirectory directory;
  const std::string circle = directory.path("circle");
  std::filesystem::create_symlink("circle", circle);
  CHECK(without_links(circle) == circle);
  CHECK(without_links(directory.path("none/file")) == directory.path("none/file"));
}

TEST_CASE("the directory of a bare name is the one where the process is") {
  CHECK(directory_of("file") == ".");
  CHECK(directory_of("/run/file") == "/run");
}
