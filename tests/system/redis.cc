#include "tests/system/redis.h"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace bearer::test {

Redis::Redis(std::vector<std::string> flags, bool tls) : flags_(std::move(flags)), tls_(tls) {
  start();
}

std::string Redis::url() const {
  return (tls_ ? "rediss://localhost:" : "redis://127.0.0.1:") + port();
}

void Redis::kill() {
  program_->signal(SIGKILL);
  program_->wait();
}

void Redis::start() {
  std::vector<std::string> command = {
      "redis-server",      "--bind",       "127.0.0.1", "--save", "", "--dir",
      directory_.path(""), "--appendonly", "no"};
  command.insert(command.end(), {"--port", tls_ ? "0" : port(), "--tls-port", tls_ ? port() : "0"});
  command.insert(command.end(), flags_.begin(), flags_.end());
  program_ = std::make_unique<Program>(std::move(command));
  for (std::string line = "-"; !line.empty();) {
    line = program_->read_line();
    if (line.find("Ready to accept connections") != std::string::npos) return;
  }
  throw std::runtime_error("redis-server does not serve: " + program_->errors());
}

std::string Redis::ask(const std::vector<std::string>& words) const {
  std::vector<std::string> command = {"redis-cli", "-p", port()};
  command.insert(command.end(), words.begin(), words.end());
  Finished finished = run(std::move(command));
  if (finished.status != 0) throw std::runtime_error("redis-cli: " + finished.err);
  if (finished.out.ends_with('\n')) finished.out.pop_back();
  return finished.out;
}

KeyFile::KeyFile() : path(directory.write("key", kKey)) {
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0600));
}

std::vector<std::string> at(const Redis& redis, const KeyFile& key) {
  return {"--token-store", redis.url(), "--token-store-key-file", key.path};
}

}  // namespace bearer::test
