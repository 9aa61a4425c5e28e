// A store in a file, for the processes of one host.
//
// The file is JSON with a format version, and under each credential's identity what it keeps with
// the moment, by the host's wall clock, at which that ends. It is replaced as a whole
// (file_replacement.h), so that a reader and whoever comes after a crash finds the old content or
// the new. Beside it lies PATH.lock, of which byte 0 is held while the file is replaced, and a byte
// of each credential's own while that one is refreshed.
//
// On a network file system this is as good as the locks of that: on NFS 4 they work between hosts,
// on older ones perhaps not at all, and the hosts' clocks have to agree.
#pragma once

#include <string>

#include "base/clock.h"
#include "net/loop.h"
#include "token/store/file_lock.h"
#include "token/store/store.h"

namespace bearer::token {

/// Returns why the file at `path` must not be used as a store; empty if it may. Others can read it,
/// it is another user's, it is no regular file, or its directory cannot be written to.
std::string why_no_store(const std::string& path);

class FileStore final : public Store {
 public:
  /// `identity` tells the credential from all others of the file. Where `path` is a symbolic link,
  /// content, lock and fresh file lie where it leads to now, so that those who name the file itself
  /// exclude those who name the link. `loop` must outlive the store.
  FileStore(const std::string& path, std::string identity, net::Loop& loop);

  net::Task<base::Result<std::optional<Kept>>> read(StoreItem item) override;
  net::Task<base::Result<void>> write(StoreItem item, const base::Secret& text,
                                      base::Duration life) override;
  net::Task<base::Result<bool>> try_hold() override { co_return hold_.try_lock(); }
  net::Task<void> release() override;

 private:
  base::Result<std::optional<Kept>> find(StoreItem item) const;
  net::Task<base::Result<void>> lock_content();
  base::Result<void> replace(StoreItem item, const base::Secret& text, base::Duration life);

  const std::string path_;  ///< without links
  const std::string identity_;
  net::Loop& loop_;
  const base::Clock& clock_;
  FileLock hold_;
  FileLock content_;
};

}  // namespace bearer::token
