// A client's half of TLS and a server's, and the test between them as the wire.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/tls_context.h"
#include "net/tls_stream.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_server.h"
#include "tests/unit/net/read_text.h"

namespace bearer::test {

/// One authority, one certificate and one server for all: keys cost time.
struct Authority {
  TestCa ca;
  Leaf leaf = ca.leaf();
  SslContext tls_1_2 = tls_server_context(leaf, TLS1_2_VERSION);
  SslContext tls_1_3 = tls_server_context(leaf, TLS1_3_VERSION);
};
inline const Authority& authority() {
  static const Authority made;
  return made;
}

inline std::unique_ptr<net::TlsContext> client_context(
    const std::string& server_name = "localhost") {
  return std::move(
      *net::TlsContext::make({.ca_file = authority().ca.ca_file(), .server_name = server_name}));
}

/// A client's net::TlsStream and a server's half of TLS, and the test between them as the wire.
class Session {
 public:
  explicit Session(net::TlsContext& context, int version = TLS1_3_VERSION)
      : peer((version == TLS1_2_VERSION ? authority().tls_1_2 : authority().tls_1_3).get()) {
    auto under = std::make_unique<ScriptedStream>();
    wire = under.get();
    stream =
        std::make_unique<net::TlsStream>(context.connection(context.session()), std::move(under));
  }

  /// Carries what either side has to say to the other.
  void carry() {
    peer.hear(wire->take_written());
    const std::string said = peer.take_output();
    if (!said.empty()) wire->give(said);
  }
  net::Io::Status shake() {
    for (int round = 0; round < 10; ++round) {
      const net::Io::Status status = stream->shake();
      carry();
      if (status != net::Io::Status::blocked) return status;
    }
    return net::Io::Status::blocked;
  }
  void say(std::string_view text) {
    peer.say(text);
    carry();
  }
  std::string read(std::size_t size = 4096) { return read_text(*stream, size); }

  TlsPeer peer;
  ScriptedStream* wire = nullptr;
  std::unique_ptr<net::TlsStream> stream;
};

}  // namespace bearer::test
