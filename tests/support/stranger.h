// A process that is not our child: one that a child of ours started.
#pragma once

#include <sys/types.h>

#include <string>

namespace bearer::test {

/// The process's number that a script wrote by `echo $$ >path`; 0 if there is none.
pid_t number_in(const std::string& path);

class Stranger {
 public:
  /// It may have ended before. Throws std::system_error for what can be no process's number.
  explicit Stranger(pid_t pid);
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger();

  pid_t pid() const { return pid_; }
  /// False if it does not end within kPatience. A zombie has ended.
  bool await_end() const;

 private:
  const pid_t pid_;
  int process_;  ///< a descriptor; -1 of one that had ended
};

}  // namespace bearer::test
