#include "config/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace bearer::config;

TEST_CASE("a file that cannot be read says why") {
  std::string pattern = (std::filesystem::temp_directory_path() / "files_test.XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::string path = pattern + "/content";
  std::ofstream(path, std::ios::binary) << std::string("a\0b\n", 4);

  const Files files = real_files();
  CHECK(files.read(path).value() == std::string("a\0b\n", 4));
  CHECK(files.why_unreadable(path) == "");
  CHECK(files.why_unreadable(pattern) == "Is a directory");
  CHECK(files.why_unreadable(pattern + "/none") == "No such file or directory");
  CHECK(files.read(pattern + "/none").error().detail == "No such file or directory");

  // Nobody writes to it, nor ever will: that must not keep a reload waiting.
  const std::string pipe = pattern + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(files.read(pipe).value() == "");
  CHECK(files.why_unreadable(pipe) == "");

  std::filesystem::resize_file(path, (4u << 20) + 1);
  CHECK(files.read(path).error().detail == "larger than 4 MiB");
  std::filesystem::remove_all(pattern);
}
