// Debian's redis-server as a process of a test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/reserved_port.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/program.h"

namespace bearer::test {

/// Keeps nothing on the disk. Always on the same free port of 127.0.0.1.
class Redis {
 public:
  /// Serves when the constructor returns; throws std::runtime_error if it does not. `flags` as
  /// redis-server has them. With `tls` it speaks TLS alone, as those flags say.
  explicit Redis(std::vector<std::string> flags = {}, bool tls = false);

  /// `redis://127.0.0.1:PORT`, or `rediss://localhost:PORT`.
  std::string url() const;
  std::string port() const { return port_.number(); }

  /// Ends it with SIGKILL; what it held is gone.
  void kill();
  /// Serves again, empty.
  void start();
  /// The answer to a command, by redis-cli; not over TLS.
  std::string ask(const std::vector<std::string>& words) const;

 private:
  const ReservedPort port_;
  const TemporaryDirectory directory_;
  const std::vector<std::string> flags_;
  const bool tls_;
  std::unique_ptr<Program> program_;
};

/// A key for what is kept in a store, in a file of its directory.
struct KeyFile {
  static constexpr const char* kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

  KeyFile();

  TemporaryDirectory directory;
  std::string path;
};

/// The flags of a proxy whose token store is there.
std::vector<std::string> at(const Redis& redis, const KeyFile& key);

}  // namespace bearer::test
