#include "token/store/file_replacement.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "token/secret/secret_file.h"

namespace bearer::token {

FileReplacement::FileReplacement(const std::string& path, base::Secret content)
    : content_(std::move(content)), path_(without_links(path)), fresh_(path_ + ".new") {}

FileReplacement::~FileReplacement() {
  if (file_.open() && !renamed_) ::unlink(fresh_.c_str());
}

base::Result<void> FileReplacement::create() {
  // Removes a file that a killed process left behind.
  if (::unlink(fresh_.c_str()) != 0 && errno != ENOENT) return failure("cannot be removed");
  file_.reset(::open(fresh_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.open()) return failure("cannot be created");
  return {};
}

base::Result<void> FileReplacement::write() {
  for (std::string_view rest : {content_.reveal(), std::string_view("\n")}) {
    while (!rest.empty()) {
      const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("cannot be written");
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  return {};
}

base::Result<void> FileReplacement::sync() {
  if (::fsync(file_.get()) != 0) return failure("cannot be synced");
  return {};
}

base::Result<void> FileReplacement::rename() {
  if (::rename(fresh_.c_str(), path_.c_str()) != 0) return failure("cannot be renamed");
  renamed_ = true;
  return {};
}

base::Result<void> FileReplacement::sync_directory() {
  const base::Descriptor directory(
      ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open()) return failure("has a directory that cannot be opened");
  if (::fsync(directory.get()) != 0) return failure("has a directory that cannot be synced");
  return {};
}

base::Error FileReplacement::failure(std::string_view doing) const {
  return {base::Errc::file_unwritable,
          fresh_ + " " + std::string(doing) + " (" + std::generic_category().message(errno) + ")"};
}

base::Result<void> FileReplacement::run() {
  for (const Step step : kSteps) {
    const base::Result<void> done = (this->*step)();
    if (!done) return done.error();
  }
  return {};
}

base::Result<void> replace_file(const std::string& path, base::Secret content) {
  return FileReplacement(path, std::move(content)).run();
}

}  // namespace bearer::token
