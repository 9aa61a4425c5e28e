// A store in a file, for the processes of one host.
//
// The file is JSON: a format version and, under each credential's identity, what is kept for it
// with the time, by the host's wall clock, at which that ends. It is replaced as a whole
// (file_replacement.h), so that a reader, also after a crash, finds the old content or the new.
// PATH.lock lies beside it: byte 0 is held while the file is replaced, and a byte of each
// credential's own while that one is refreshed.
//
// On a network file system the store is as good as that system's locks: on NFS 4 they work between
// hosts, on older ones perhaps not at all, and the hosts' clocks have to agree.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "net/loop.h"
#include "token/store/file_lock.h"
#include "token/store/file_store_cache.h"
#include "token/store/store.h"

namespace bearer::token {

/// Returns why the file at `path` must not be used as a store; empty if it may. Others can read it,
/// it belongs to another user, it is not a regular file or is mounted by itself, or its directory
/// cannot be written to.
std::string why_no_store(const std::string& path);

class FileStore final : public Store {
 public:
  /// `identity` distinguishes the credential from all others of the file. If `path` is a symbolic
  /// link, content, lock and fresh file lie where it leads now. So processes that name the file
  /// itself exclude those that name the link. `loop` must outlive the store. Those of its stores
  /// that are made with `caches` parse a file once for all of them.
  FileStore(const std::string& path, std::string identity, net::Loop& loop,
            FileStoreCaches* caches = nullptr);

  net::Task<base::Result<std::optional<Kept>>> read(StoreItem item) override;
  net::Task<base::Result<void>> write(StoreItem item, const base::Secret& text,
                                      base::Duration life) override;
  net::Task<base::Result<bool>> try_hold() override { co_return hold_.try_lock(); }
  net::Task<void> release() override;

 private:
  base::Result<std::optional<Kept>> find(StoreItem item);
  net::Task<base::Result<void>> lock_content();
  base::Result<void> replace(StoreItem item, const base::Secret& text, base::Duration life);

  const std::shared_ptr<FileStoreCache> cache_;
  const std::string identity_;
  net::Loop& loop_;
  const base::Clock& clock_;
  FileLock hold_;
  FileLock content_;
};

}  // namespace bearer::token
