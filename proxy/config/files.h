// The files that a configuration names. Access is passed in, so that a test controls them.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace bearer::config {

struct Files {
  /// Returns the whole content. Errc::file_unreadable, with the reason as detail.
  std::function<base::Result<std::string>(const std::string& path)> read;
  /// Returns why the file cannot be read (`no such file or directory`); empty if it can.
  std::function<std::string(const std::string& path)> why_unreadable;
};

/// The machine's files.
Files real_files();

}  // namespace bearer::config
