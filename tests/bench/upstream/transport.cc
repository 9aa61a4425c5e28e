#include "bench/upstream/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <stdexcept>

namespace bearer::bench {
namespace {

std::optional<std::size_t> socket_outcome(ssize_t result) {
  if (result >= 0) return static_cast<std::size_t>(result);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return 0;  // a reset ends a connection like a close does
}

}  // namespace

TlsContext server_context(const std::string& certificate_file, const std::string& key_file) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (SSL_CTX_use_certificate_chain_file(tls, certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256") != 1) {
    throw std::runtime_error("cannot use " + certificate_file + " and " + key_file);
  }
  return context;
}

Transport::Transport(Descriptor socket, SSL_CTX* context) : socket_(std::move(socket)) {
  set_no_delay(socket_.get());
  if (context == nullptr) return;
  tls_.reset(SSL_new(context));
  if (!tls_ || SSL_set_fd(tls_.get(), socket_.get()) != 1) throw std::bad_alloc();
  SSL_set_accept_state(tls_.get());
}

std::optional<std::size_t> Transport::read(std::span<char> buffer) {
  if (!tls_) return socket_outcome(::recv(socket_.get(), buffer.data(), buffer.size(), 0));
  std::size_t moved = 0;
  const int result = SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &moved);
  return tls_outcome(result, moved);
}

std::optional<std::size_t> Transport::write(std::string_view bytes) {
  if (!tls_) {
    return socket_outcome(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  std::size_t moved = 0;
  const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &moved);
  return tls_outcome(result, moved);
}

std::optional<std::size_t> Transport::tls_outcome(int result, std::size_t moved) {
  if (result == 1) return moved;
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  // A server's handshake is a few KiB: its writes always fit the socket's buffer, so a read waits
  // for nothing but bytes, and a write for nothing but room.
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return std::nullopt;
  return 0;
}

}  // namespace bearer::bench
