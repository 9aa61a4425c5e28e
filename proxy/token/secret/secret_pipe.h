// Reads secrets from pipes, as a shell's <(...) makes them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

inline constexpr std::size_t kSecretBytesMax = 64u << 10;  ///< a larger one is some other file

/// The command in <(...) may query a vault, or ask a person for a fingerprint.
inline constexpr base::Duration kPipePatience = std::chrono::seconds(10);

struct PipeWait {
  base::Duration patience = kPipePatience;
  int cancelled = -1;  ///< a descriptor that ends the wait once it is readable; -1: none
};

/// Also false if there is nothing at `path`.
bool is_pipe(const std::string& path);

/// Reads what comes out of the pipe at `path` until its last writer closes it, or more than
/// kSecretBytesMax have come. Any thread.
///
/// A pipe can be read only once, but its secret is needed at each token request, by each credential
/// that names it and after each reload. So it is kept while the process lives, and returned again.
/// If the end does not come in time, the bytes so far are kept too, and a later call goes on from
/// there.
///
/// Errc::file_unreadable. The detail is written to follow "the file P ...", without any of the
/// content.
base::Result<base::Secret> read_pipe(const std::string& path, const PipeWait& wait = {});

}  // namespace bearer::token
