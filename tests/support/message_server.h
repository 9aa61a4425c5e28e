// A server that answers whole requests, on many connections at once, on one thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"

namespace bearer::test {

class MessageServer {
 public:
  /// Called on the server's thread for each request: the bytes of the response, or nullopt to reset
  /// the connection.
  using Respond = std::function<std::optional<std::string>(const RawMessage& request)>;

  explicit MessageServer(Respond respond);
  ~MessageServer();

  std::uint16_t port() const { return listener_.port(); }
  /// Blocks until every connection has been ended by its client.
  void await_idle();

 private:
  struct Connection {
    int fd;
    std::string in, out;
  };

  void run();
  bool serve(Connection& connection, short events);
  bool read(Connection& connection);
  bool write(Connection& connection);

  const Respond respond_;
  RawListener listener_;
  int stop_[2];  // a pipe: the thread ends when its writing end is closed
  std::list<Connection> connections_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace bearer::test
