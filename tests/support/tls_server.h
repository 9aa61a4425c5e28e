// The server's half of TLS, as OpenSSL itself does it.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/raw_server.h"
#include "tests/support/test_ca.h"

namespace bearer::test {

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

/// Serves with the certificate of `leaf`. `version` is the only one spoken: TLS1_3_VERSION.
SslContext tls_server_context(const Leaf& leaf, int version = TLS1_3_VERSION);

/// A server's half whose bytes the test carries to and fro: no socket, no thread.
class TlsPeer {
 public:
  explicit TlsPeer(SSL_CTX* context);

  /// Takes what the client has sent and does what follows from it: shakes hands, or decrypts.
  void hear(std::string_view bytes);
  /// Returns what is to be carried to the client.
  std::string take_output();

  bool shaken() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  /// An earlier session was taken up.
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// All that the client has said so far.
  const std::string& heard() const { return heard_; }
  /// The client has said its end.
  bool heard_end() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void say(std::string_view text);
  /// close_notify.
  void say_end() { SSL_shutdown(ssl_.get()); }

 private:
  Ssl ssl_;
  std::string heard_;
};

/// A server does this with a session that it gave and that a client offers.
enum class Resumption {
  taken_up,
  hung_up_on,  ///< without an alert
  left_unanswered,
};

/// A server on loopback that greets each client with `greeting` once hands are shaken, and ends the
/// connection as it should once the client has.
class TlsServer {
 public:
  TlsServer(const Leaf& leaf, std::string greeting, Resumption resumption = Resumption::taken_up);

  std::uint16_t port() const { return server_.port(); }
  /// Counts the handshakes that took up an earlier session.
  int resumed() const { return resumed_; }
  /// Counts those that were left in the middle because of one.
  int choked() const { return choked_; }

 private:
  void serve(RawConnection& connection);

  const Resumption resumption_;
  SslContext context_;
  std::string greeting_;
  std::atomic<int> resumed_ = 0, choked_ = 0;
  RawServer server_;
};

}  // namespace bearer::test
