// Bytes in and out of one accepted connection, plain or through TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/peers/socket.h"

namespace bearer::bench {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A server's context with one fixed cipher suite, so that every proxy pays for the same one.
/// Throws std::runtime_error if a file (PEM) cannot be used.
TlsContext server_context(const std::string& certificate_file, const std::string& key_file);

class Transport {
 public:
  /// `context` null: plain.
  Transport(Descriptor socket, SSL_CTX* context);

  /// Bytes moved; 0: the connection is over; nullopt: would block.
  std::optional<std::size_t> read(std::span<char> buffer);
  std::optional<std::size_t> write(std::string_view bytes);

  int fd() const { return socket_.get(); }

 private:
  std::optional<std::size_t> tls_outcome(int result, std::size_t moved);

  Descriptor socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

}  // namespace bearer::bench
