// How we speak TLS to servers: verified against a store of authorities, sessions resumed.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/trust_store.h"

namespace bearer::net {

struct TlsOptions {
  std::string ca_file;      ///< PEM; empty: the system's store
  std::string server_name;  ///< verified, and sent as SNI if it is not an address
  /// Ours, PEM, shown where the server asks for one: both or none. The certificate's file may hold
  /// its chain after it.
  std::string client_cert_file = {}, client_key_file = {};
};

/// What a handshake offers to speak (ALPN, RFC 7301).
enum class Alpn : std::uint8_t { http_1_1, h2, either };

/// Client side, for one server. Not shared between threads: nothing is locked. Its connections may
/// outlive it, in the same thread.
class TlsContext {
 public:
  /// Errc::file_unreadable if the store cannot be loaded, client_certificate_unusable if our own
  /// certificate cannot be used; with the file and the reason.
  static base::Result<std::unique_ptr<TlsContext>> make(TlsOptions options);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;
  using Session = std::shared_ptr<SSL_SESSION>;
  /// A client's half, not yet shaken; it offers `session`, unless that is null. Null if memory ran
  /// out.
  Connection connection(const Session& session = nullptr, Alpn alpn = Alpn::http_1_1);

  /// The last one that the server gave; null if there is none.
  const Session& session() const { return *session_; }
  /// The handshake that offered this one failed.
  void forget(const Session& session);

 private:
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  TlsContext(TlsOptions options, Context context);

  const TlsOptions options_;
  const Context context_;  ///< shared with all whose options differ in the server's name alone
  const std::shared_ptr<Session> session_;  ///< its connections put it there
};

}  // namespace bearer::net
