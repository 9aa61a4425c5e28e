// An upstream that answers when, and what, a test wants: the test takes each connection itself.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"

namespace bearer::test {

class Upstream {
 public:
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(listener_.port()); }

  RawSocket accept() { return listener_.accept(); }

  /// The next connection, once a whole request has come on it.
  RawSocket take_request() {
    RawSocket socket = listener_.accept();
    read_message(socket);
    return socket;
  }

 private:
  RawListener listener_;
};

}  // namespace bearer::test
