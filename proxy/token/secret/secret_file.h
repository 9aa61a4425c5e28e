// Reads secrets from their files at each token request, so that they may be rotated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "token/secret/secret_pipe.h"

namespace bearer::token {

/// A file with a secret in it, and the setting that names it.
struct SecretFile {
  std::string path;
  const char* setting;
};

/// Reads one line, without the line breaks (LF or CRLF) after it and a byte order mark before it. A
/// failure (file_unreadable) names the `setting` and the path, never the content: not readable,
/// blank, too large, or with a control character inside. A pipe is waited for as read_pipe() does.
base::Result<base::Secret> read_secret_file(const std::string& path, std::string_view setting);

/// Reads the whole file, such as a key in PEM, without a byte order mark before it. Fails like
/// read_secret_file(), but allows any content.
base::Result<base::Secret> read_whole_file(const std::string& path, std::string_view setting);

/// Waits for all that comes out of `path` if it is a pipe, so that the next reader need not wait.
/// Fails as read_secret_file() does.
net::Task<base::Result<void>> await_pipe(const std::string& path, std::string_view setting,
                                         net::Loop& loop);
/// The failure of a wait for the pipe at `path` that was ended.
base::Error pipe_given_up(const std::string& path, std::string_view setting);

/// True if the text has a byte that no secret on one line holds: C0 or DEL.
bool has_control(std::string_view text);

/// The failure of a file with unusable content: "the secret's file P WHY: check SETTING".
base::Error unusable_file(const std::string& path, std::string_view setting,
                          const std::string& why);

/// Distinguishes versions of a file by its inode, size and times. 0 if there is no file.
std::uint64_t file_fingerprint(const std::string& path);

/// The first certificate of a PEM file, as DER. A failure (file_unreadable) names the setting.
base::Result<std::string> read_certificate(const std::string& path, std::string_view setting);

/// Returns where `path` leads, through every symbolic link, even if there is no such file yet, or
/// no such directory. Returns `path` itself if that cannot be determined, because links form a
/// circle.
std::string without_links(const std::string& path);

/// The file's directory; `.` for a bare name.
std::string directory_of(const std::string& path);

}  // namespace bearer::token
