// TLS as a client: verifies servers against a store of authorities, and resumes sessions.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace bearer::net {

struct TlsOptions {
  std::string ca_file;      ///< PEM; empty: the system's store
  std::string server_name;  ///< verified, and sent as SNI if it is not an address
  /// Our certificate and key, PEM, for servers that ask for one: both or none. The certificate's
  /// file may hold its chain after it.
  std::string client_cert_file = {}, client_key_file = {};
};

/// The protocols that a handshake offers (ALPN, RFC 7301).
enum class Alpn : std::uint8_t { http_1_1, h2, either };

/// The client side, for one server. Not thread-safe. Its connections may outlive it, on the same
/// thread.
class TlsContext {
 public:
  /// Errc::file_unreadable if the store cannot be loaded, client_certificate_unusable if our own
  /// certificate cannot be used; with the file and the reason.
  static base::Result<std::unique_ptr<TlsContext>> make(TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;
  using Session = std::shared_ptr<SSL_SESSION>;
  /// The client's half of a connection, before its handshake. It offers `session`, unless that is
  /// null. Null if memory ran out.
  Connection connection(const Session& session = nullptr, Alpn alpn = Alpn::http_1_1);

  /// The last session that the server gave; null if there is none.
  const Session& session() const { return session_; }
  /// The handshake that offered this session failed.
  void forget(const Session& session);

 private:
  explicit TlsContext(TlsOptions options);
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  const TlsOptions options_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  Session session_;
};

/// The oldest entry of this thread's OpenSSL error queue, for a person. Empties the queue.
std::string tls_error_text();

}  // namespace bearer::net
