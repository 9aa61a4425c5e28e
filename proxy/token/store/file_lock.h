// A lock that other processes of this host see, and that the kernel takes from whoever dies.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace bearer::token {

/// One byte of a file by an open file description lock (fcntl F_OFD_SETLK): two objects exclude
/// each other, also within one process. The file is made where it is missing, with mode 0600, and
/// stays: to remove it would let two hold the same byte of two files.
class FileLock {
 public:
  /// Does not lock yet. Different bytes of one file are different locks.
  FileLock(std::string path, std::uint64_t byte);

  /// False: somebody else has it. Errc::store_unusable where nobody can.
  base::Result<bool> try_lock();
  void unlock();

 private:
  base::Result<void> open();

  const std::string path_;
  const std::uint64_t byte_;
  base::Descriptor file_;
};

}  // namespace bearer::token
