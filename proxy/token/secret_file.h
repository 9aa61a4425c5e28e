// The client's secret, read where it lies at each token request, so that it may be rotated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/secret.h"
#include "token/credential.h"
#include "token/failure.h"

namespace bearer::token {

inline constexpr std::size_t kSecretBytesMax = 64u << 10;  ///< more is some other file

/// From the file, its last line break (LF or CRLF) left out, or from the environment. A failure
/// (file_unreadable) names the setting and the path, never the content: not readable, empty, too
/// large, or with a control character inside.
Outcome<base::Secret> client_secret(const CredentialOptions& options);

/// Tells versions of a file apart by its inode, size and times. 0 where there is no file.
std::uint64_t file_fingerprint(const std::string& path);

}  // namespace bearer::token
