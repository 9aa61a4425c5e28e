// Replaces a file's content so that it survives a crash: a reader, also after a crash, finds the
// whole old content or the whole new. Where the file's directory does not allow that, save_file()
// writes over the old content.
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
  /// True if the step that failed says that no other file can take the old one's place: the old one
  /// is mounted by itself, as containers get it, or nothing can be added to its directory or disk.
  bool place_is_taken() const;
  /// The new file, open for writing.
  base::Descriptor take_file() { return std::move(file_); }

  using Step = base::Result<void> (FileReplacement::*)();
  static constexpr std::array<Step, 5> kSteps = {&FileReplacement::create, &FileReplacement::write,
                                                 &FileReplacement::sync, &FileReplacement::rename,
                                                 &FileReplacement::sync_directory};

 private:
  base::Error failure(std::string_view doing);

  const base::Secret content_;
  std::string path_;   // the links resolved
  std::string fresh_;  // beside it: a rename does not cross file systems
  base::Descriptor file_;
  bool renamed_ = false;
  int errno_ = 0;  ///< of the step that failed
};

/// Does all steps. Stops at the first that fails, and leaves no new file behind.
base::Result<void> replace_file(const std::string& path, base::Secret content);

/// Does the same where it can. Where place_is_taken(), it writes the content over that of the file,
/// which has to be there, and syncs it. A reader finds the new content or, only if the machine
/// stops in that moment, neither. Errc::file_unwritable, with what to do, if the file stays as it
/// was.
base::Result<void> save_file(const std::string& path, const base::Secret& content);

/// Returns why save_file() would fail, as far as can be seen without writing; empty if it would
/// not.
std::string why_unsavable(const std::string& path);

/// True if something is mounted on the file itself, so that no other file can get its name. False
/// where the kernel does not tell (before Linux 5.8).
bool is_mount_point(const std::string& path);

}  // namespace bearer::token
