// Finds out whether the access log can be opened, without opening it.
#pragma once

#include <string>

#include "base/result.h"

namespace bearer::relay {

/// Fails as AccessLog::open() would (Errc::file_unreadable), but leaves nothing behind: no file is
/// made, and no reader of a pipe is told of an end.
base::Result<void> check_log_file(const std::string& path);

/// The failure to open the log at `path`, with the reason in errno.
base::Error unusable_log_file(const std::string& path);

}  // namespace bearer::relay
