// Replaces a file's content so that it survives a crash: a reader, also after a crash, finds the
// whole old content or the whole new.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

/// The steps of one replacement. Each is a single promise of the kernel's, so that a test can die
/// between any two of them. The new file has mode 0600; a symbolic link is followed.
class FileReplacement {
 public:
  FileReplacement(const std::string& path, base::Secret content);
  ~FileReplacement();
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  /// Errc::file_unwritable.
  base::Result<void> create();          ///< a new file beside the old one
  base::Result<void> write();           ///< the content and a line break into it
  base::Result<void> sync();            ///< its bytes are on the disk
  base::Result<void> rename();          ///< it has the old one's name
  base::Result<void> sync_directory();  ///< the name is on the disk, too

  /// All steps. Stops at the first that fails.
  base::Result<void> run();
  /// The new file, open for writing.
  base::Descriptor take_file() { return std::move(file_); }

  using Step = base::Result<void> (FileReplacement::*)();
  static constexpr std::array<Step, 5> kSteps = {&FileReplacement::create, &FileReplacement::write,
                                                 &FileReplacement::sync, &FileReplacement::rename,
                                                 &FileReplacement::sync_directory};

 private:
  base::Error failure(std::string_view doing) const;

  const base::Secret content_;
  std::string path_;   // the links resolved
  std::string fresh_;  // beside it: a rename does not cross file systems
  base::Descriptor file_;
  bool renamed_ = false;
};

/// Does all steps. Stops at the first that fails, and leaves no new file behind.
base::Result<void> replace_file(const std::string& path, base::Secret content);

}  // namespace bearer::token
