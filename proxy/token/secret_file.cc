#include "token/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace bearer::token {
namespace {

Failure unreadable(const std::string& path, std::string_view setting) {
  return unusable_file(path, setting,
                       "cannot be read (" + std::generic_category().message(errno) + ")");
}

class File {
 public:
  // O_NONBLOCK: a FIFO that nobody writes to must not hang the credential.
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool open() const { return fd_ >= 0; }
  ssize_t read(char* to, std::size_t size) const {
    ssize_t count;
    do count = ::read(fd_, to, size);
    while (count < 0 && errno == EINTR);
    return count;
  }

 private:
  int fd_;
};

void drop_last_line_break(std::string& text) {
  if (!text.ends_with('\n')) return;
  text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// At most kSecretBytesMax + 1 bytes: more would not be used.
Outcome<std::string> read_bytes(const std::string& path, std::string_view setting) {
  const File file(path);
  if (!file.open()) return unreadable(path, setting);
  std::string text(kSecretBytesMax + 1, '\0');  // at its final size: growing would leave copies
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = file.read(text.data() + size, text.size() - size);
    if (count < 0) {
      const Failure failure = unreadable(path, setting);
      base::wipe(text);
      return failure;
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

base::Secret moved_into_secret(std::string& text) {
  base::Secret secret{std::string(text)};
  base::wipe(text);
  return secret;
}

}  // namespace

Failure unusable_file(const std::string& path, std::string_view setting, const std::string& why) {
  return {base::Errc::file_unreadable,
          "the secret's file " + path + " " + why,
          "check " + std::string(setting),
          {}};
}

Outcome<base::Secret> read_whole_file(const std::string& path, std::string_view setting) {
  Outcome<std::string> bytes = read_bytes(path, setting);
  if (!bytes) return bytes.error();
  base::Secret secret = moved_into_secret(*bytes);
  if (secret.empty()) return unusable_file(path, setting, "is empty");
  if (secret.reveal().size() > kSecretBytesMax) {
    return unusable_file(path, setting, "is larger than 64 KiB");
  }
  return secret;
}

Outcome<base::Secret> read_secret_file(const std::string& path, std::string_view setting) {
  Outcome<std::string> bytes = read_bytes(path, setting);
  if (!bytes) return bytes.error();
  const bool whole = bytes->size() <= kSecretBytesMax;
  drop_last_line_break(*bytes);
  base::Secret secret = moved_into_secret(*bytes);
  if (!whole) return unusable_file(path, setting, "is larger than 64 KiB");
  if (secret.empty()) return unusable_file(path, setting, "is empty");
  if (has_control(secret.reveal())) {
    return unusable_file(path, setting,
                         "holds a control character, such as a second line, inside the secret");
  }
  return secret;
}

Outcome<base::Secret> client_secret(const CredentialOptions& options) {
  if (!options.client_secret_file.empty()) {
    return read_secret_file(options.client_secret_file, "client_secret_file");
  }
  if (has_control(options.client_secret.reveal())) {
    return Failure{base::Errc::file_unreadable,
                   "the client secret from the environment holds a control character",
                   "check BEARER_PROXY_CLIENT_SECRET",
                   {}};
  }
  return options.client_secret;
}

std::uint64_t file_fingerprint(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return 0;
  std::uint64_t print = 0xcbf29ce484222325u;  // FNV-1a over the words that change with the file
  for (const auto word :
       {static_cast<std::uint64_t>(info.st_dev), info.st_ino,
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mtim.tv_sec),
        static_cast<std::uint64_t>(info.st_mtim.tv_nsec),
        static_cast<std::uint64_t>(info.st_ctim.tv_sec),
        static_cast<std::uint64_t>(info.st_ctim.tv_nsec)}) {
    print = (print ^ word) * 0x100000001b3u;
  }
  return print | 1;
}

}  // namespace bearer::token
