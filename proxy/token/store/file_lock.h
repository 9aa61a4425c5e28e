// A lock between the processes of this host, which the kernel releases if its holder dies.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace bearer::token {

/// Locks one byte of a file by an open file description lock (fcntl F_OFD_SETLK): two objects
/// exclude each other, also within one process. A missing file is created, unless it is
/// Missing::fails, with mode 0600, and stays: if it were removed, two could hold the same byte of
/// two files.
class FileLock {
 public:
  enum class Missing { is_created, fails };

  /// Does not lock yet. Different bytes of one file are different locks.
  FileLock(std::string path, std::uint64_t byte, Missing missing = Missing::is_created);

  /// False if another process or object has it. Errc::store_unusable if nobody can lock it.
  base::Result<bool> try_lock();
  void unlock();

 private:
  base::Result<void> open();

  const std::string path_;
  const std::uint64_t byte_;
  const Missing missing_;
  base::Descriptor file_;
};

}  // namespace bearer::token
