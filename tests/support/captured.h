// This keeps what a piece of work writes to stdout or stderr.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "tests/support/content.h"
#include "tests/support/temporary_directory.h"

namespace bearer::test {

/// `fd` is STDOUT_FILENO or STDERR_FILENO.
template <typename Work>
std::string captured(int fd, Work work) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("captured");
  std::fflush(nullptr);
  const int kept = dup(fd);
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (kept < 0 || !file) throw std::runtime_error("output cannot be captured");
  dup2(fileno(file), fd);
  work();
  std::fflush(nullptr);
  dup2(kept, fd);
  close(kept);
  std::fclose(file);
  return content(path);
}

}  // namespace bearer::test
