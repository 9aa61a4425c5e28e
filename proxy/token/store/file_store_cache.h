// The content of a FileStore's file as this process saw it last, so that a file in which nothing
// has changed is not parsed again: each of hundreds of credentials looks into it for itself alone.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"
#include "token/store/file_store_content.h"

namespace bearer::token {

/// Returns why a file with this `info` must not be used as a store; empty if it may.
std::string why_not_ours(const struct stat& info);

/// Used on one thread. Other processes may replace the file at any time, which is seen at the next
/// look: a file that replaces another has another inode, as long as the other is open here.
class FileStoreCache {
 public:
  /// `path` has no links.
  explicit FileStoreCache(std::string path) : path_(std::move(path)) {}

  /// The content of the file as it is now, good until the next call. Empty if there is no file.
  /// Errc::store_unusable with a sentence.
  base::Result<const FileStoreContent*> look();
  /// True if the last look found a file that was cut short.
  bool torn() const { return torn_; }
  /// Moves such a file aside (`.corrupt`), so that the next look finds none, and logs it. False if
  /// nothing was moved. REQUIRES: as replace().
  bool set_torn_aside();
  /// Replaces the file. REQUIRES: no other process does so at the same time. Errc::store_unusable;
  /// then the old content stays.
  base::Result<void> replace(FileStoreContent content);

  const std::string& path() const { return path_; }
  /// The number of times that the file was parsed.
  std::uint64_t parses() const { return parses_; }

 private:
  /// Distinguishes files while one of them is open, and changes in place.
  struct Version {
    dev_t device;
    ino_t inode;
    off_t size;
    timespec modified, changed;
    explicit Version(const struct stat& info);
    bool operator==(const Version& other) const;
  };

  base::Result<void> read_if_changed();
  void keep(base::Descriptor file, const struct stat& info, FileStoreContent content);
  void forget();

  const std::string path_;
  FileStoreContent content_;
  base::Descriptor file_;  // open, so that its inode is no other file's
  std::optional<Version> version_;
  std::uint64_t parses_ = 0;
  bool torn_ = false;
};

/// The caches of one loop's stores, which share those of the same file. Used on one thread.
class FileStoreCaches {
 public:
  /// `path` has no links.
  std::shared_ptr<FileStoreCache> of(const std::string& path);

 private:
  std::map<std::string, std::weak_ptr<FileStoreCache>> caches_;
};

}  // namespace bearer::token
