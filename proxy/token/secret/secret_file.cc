#include "token/secret/secret_file.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/descriptor.h"
#include "base/digest.h"

namespace bearer::token {
namespace {

namespace fs = std::filesystem;

constexpr int kLinksMax = 40;  // as many as the kernel follows

base::Error unreadable(const std::string& path, std::string_view setting) {
  return unusable_file(path, setting,
                       "cannot be read (" + std::generic_category().message(errno) + ")");
}

void drop_last_line_breaks(std::string& text) {
  while (text.ends_with('\n')) {
    text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
  }
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Windows editors put one before UTF-8; no secret begins with it.
void drop_byte_order_mark(std::string& text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (text.starts_with(kMark)) text.erase(0, kMark.size());
}

/// Reads `file` until it ends or `to` is full. Returns the number of bytes, or -1 with errno.
ssize_t read_into(std::string& to, const base::Descriptor& file) {
  std::size_t size = 0;
  while (size < to.size()) {
    const ssize_t count = ::read(file.get(), to.data() + size, to.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(size);
}

base::Result<std::string> read_pipe_bytes(const std::string& path, std::string_view setting) {
  const base::Result<base::Secret> came = read_pipe(path);
  if (!came) return unusable_file(path, setting, came.error().detail);
  return std::string(came->reveal());
}

/// Reads at most kSecretBytesMax + 1 bytes: more would not be used.
base::Result<std::string> read_bytes(const std::string& path, std::string_view setting) {
  if (is_pipe(path)) return read_pipe_bytes(path, setting);
  // O_NONBLOCK: a FIFO that has just replaced the file must not hang the credential.
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) return unreadable(path, setting);
  std::string text(kSecretBytesMax + 1, '\0');  // at its final size: growing would leave copies
  const ssize_t size = read_into(text, file);
  if (size < 0) {
    const base::Error failure = unreadable(path, setting);
    base::wipe(text);
    return failure;
  }
  text.resize(static_cast<std::size_t>(size));
  return text;
}

base::Secret moved_into_secret(std::string& text) {
  base::Secret secret{std::string(text)};
  base::wipe(text);
  return secret;
}

}  // namespace

base::Error unusable_file(const std::string& path, std::string_view setting,
                          const std::string& why) {
  return {base::Errc::file_unreadable, "the secret's file " + path + " " + why,
          "check " + std::string(setting)};
}

net::Task<base::Result<void>> await_pipe(const std::string& path, std::string_view setting,
                                         net::Loop& loop) {
  if (!is_pipe(path)) co_return {};
  const base::Result<base::Secret> came = co_await read_pipe(path, loop);
  if (!came) co_return unusable_file(path, setting, came.error().detail);
  co_return {};
}

base::Error pipe_given_up(const std::string& path, std::string_view setting) {
  return unusable_file(path, setting, "is a pipe that is no longer waited for");
}

base::Result<base::Secret> read_whole_file(const std::string& path, std::string_view setting) {
  base::Result<std::string> bytes = read_bytes(path, setting);
  if (!bytes) return bytes.error();
  drop_byte_order_mark(*bytes);
  base::Secret secret = moved_into_secret(*bytes);
  if (secret.empty()) return unusable_file(path, setting, "is empty");
  if (secret.reveal().size() > kSecretBytesMax) {
    return unusable_file(path, setting, "is larger than 64 KiB");
  }
  return secret;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

base::Result<base::Secret> read_secret_file(const std::string& path, std::string_view setting) {
  base::Result<std::string> bytes = read_bytes(path, setting);
  if (!bytes) return bytes.error();
  const bool whole = bytes->size() <= kSecretBytesMax;
  drop_byte_order_mark(*bytes);
  drop_last_line_breaks(*bytes);
  base::Secret secret = moved_into_secret(*bytes);
  if (!whole) return unusable_file(path, setting, "is larger than 64 KiB");
  if (secret.empty()) return unusable_file(path, setting, "is empty");
  if (is_blank(secret.reveal()))
    return unusable_file(path, setting, "is empty but for white space");
  if (has_control(secret.reveal())) {
    return unusable_file(path, setting,
                         "holds a control character, such as a second line, inside the secret");
  }
  return secret;
}

std::uint64_t file_fingerprint(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return 0;
  std::uint64_t print = base::kFnvOffset;  // over the words that change with the file
  for (const auto word :
       {static_cast<std::uint64_t>(info.st_dev), info.st_ino,
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mtim.tv_sec),
        static_cast<std::uint64_t>(info.st_mtim.tv_nsec),
        static_cast<std::uint64_t>(info.st_ctim.tv_sec),
        static_cast<std::uint64_t>(info.st_ctim.tv_nsec)}) {
    print = base::fnv1a(print, word);
  }
  return print | 1;
}

base::Result<std::string> read_certificate(const std::string& path, std::string_view setting) {
  const base::Result<base::Secret> text = read_whole_file(path, setting);
  if (!text) return text.error();
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(text->reveal().data(), static_cast<int>(text->reveal().size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) {
    ERR_clear_error();
    return unusable_file(path, setting, "holds no certificate in PEM");
  }
  std::string der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &out);
  return der;
}

// Not canonical(), which cannot resolve a link to a file that does not exist yet.
std::string without_links(const std::string& path) {
  fs::path file = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(file, error); ++links) {
    if (links == kLinksMax) return path;
    const fs::path target = fs::read_symlink(file, error);
    if (error) return path;
    file = file.parent_path() / target;  // an absolute target replaces the directory
  }
  const fs::path directory = fs::canonical(directory_of(file), error);
  return (error ? file : directory / file.filename()).string();
}

std::string directory_of(const std::string& path) {
  const std::string directory = fs::path(path).parent_path();
  return directory.empty() ? "." : directory;
}

}  // namespace bearer::token
