// Secrets that come out of pipes, as a shell's <(...) makes them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::token {

inline constexpr std::size_t kSecretBytesMax = 64u << 10;  ///< more is some other file

/// A command in <(...) may ask a vault, or a person for a fingerprint.
inline constexpr base::Duration kPipePatience = std::chrono::seconds(10);

/// False also where there is nothing at `path`.
bool is_pipe(const std::string& path);

/// Reads what comes out of the pipe at `path` until its last writer closes it, or more than
/// kSecretBytesMax of it. Any thread.
///
/// A pipe is good for one reading, and its secret is wanted at each token request, by each
/// credential that names it and after each reload: so it is kept while the process lives, and given
/// again. What has come of one that is not at its end in time is kept too, and a later call goes on
/// from there.
///
/// Errc::file_unreadable; the detail goes on with "the file P ...", without any of the content.
base::Result<base::Secret> read_pipe(const std::string& path,
                                     base::Duration patience = kPipePatience);

/// The same without blocking, but on the thread of `loop`.
net::Task<base::Result<base::Secret>> read_pipe(const std::string& path, net::Loop& loop,
                                                base::Duration patience = kPipePatience);

}  // namespace bearer::token
