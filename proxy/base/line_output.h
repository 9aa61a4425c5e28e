// Writes lines to a descriptor without ever waiting for its reader, because the data plane writes
// them.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string_view>

#include "base/descriptor.h"

namespace bearer::base {

class PatientWriter;

/// Lines to one descriptor. Other processes may share it, so its flags stay as they are: a terminal
/// or a pipe is opened a second time, for us alone and non-blocking. A thread of its own waits for
/// a terminal that we may not open, as after `su`.
///
/// Used by one thread at a time.
class LineOutput {
 public:
  /// Does nothing yet. `fd` is the caller's. It may come to name another file between two lines.
  explicit LineOutput(int fd) : fd_(fd) {}
  LineOutput(const LineOutput&) = delete;
  LineOutput& operator=(const LineOutput&) = delete;
  ~LineOutput() { forget(); }

  /// Returns 0 if all of it was written, else the errno: EAGAIN if the reader of a pipe, a socket
  /// or a terminal has stopped reading. Then the line is lost, or the rest of it; in the latter
  /// case the next line begins with a line break, so that it stays a line.
  int write(std::string_view line);

 private:
  struct File {
    dev_t device;
    ino_t inode;
    bool operator==(const File&) const = default;
  };

  void follow();
  void forget();
  int put(std::string_view text);

  const int fd_;
  std::optional<File> file_;  ///< what the rest is about
  Descriptor own_;            ///< of a terminal or a pipe
  std::shared_ptr<PatientWriter> patient_;
  bool asks_first_ = false;  ///< a write might wait if there is no room
  bool torn_ = false;        ///< the last byte that was written ended no line
};

}  // namespace bearer::base
