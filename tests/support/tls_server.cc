#include "tests/support/tls_server.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <signal.h>

#include <array>
#include <stdexcept>

namespace bearer::test {

SslContext tls_server_context(const Leaf& leaf, int version) {
  SslContext made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(made.get(), version);
  SSL_CTX_set_max_proto_version(made.get(), version);
  if (SSL_CTX_use_certificate_chain_file(made.get(), leaf.cert_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), leaf.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("the test's certificate cannot be used");
  }
  return made;
}

TlsPeer::TlsPeer(SSL_CTX* context) : ssl_(SSL_new(context), SSL_free) {
  SSL_set_accept_state(ssl_.get());
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
}

void TlsPeer::hear(std::string_view bytes) {
  std::size_t written = 0;
  BIO_write_ex(SSL_get_rbio(ssl_.get()), bytes.data(), bytes.size(), &written);
  std::array<char, 4096> into;
  std::size_t count = 0;
  while (SSL_read_ex(ssl_.get(), into.data(), into.size(), &count) == 1) {
    heard_.append(into.data(), count);
  }
  ERR_clear_error();
}

std::string TlsPeer::take_output() {
  BIO* out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  std::size_t count = 0;
  if (!bytes.empty()) BIO_read_ex(out, bytes.data(), bytes.size(), &count);
  bytes.resize(count);
  return bytes;
}

void TlsPeer::say(std::string_view text) {
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), text.data(), text.size(), &written) != 1) {
    throw std::runtime_error("the test's TLS server cannot write");
  }
}

namespace {

/// Stops the handshake, without an alert, at a client that offers a session.
int stop_at_session(SSL* ssl, int*, void*) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  const bool offers = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &extension, &size) == 1;
  return offers ? SSL_CLIENT_HELLO_RETRY : SSL_CLIENT_HELLO_SUCCESS;
}

SslContext context_of(const Leaf& leaf, Resumption resumption) {
  SslContext made = tls_server_context(leaf);
  if (resumption != Resumption::taken_up) {
    SSL_CTX_set_client_hello_cb(made.get(), stop_at_session, nullptr);
  }
  return made;
}

}  // namespace

TlsServer::TlsServer(const Leaf& leaf, std::string greeting, Resumption resumption)
    : resumption_(resumption),
      context_(context_of(leaf, resumption)),
      greeting_(std::move(greeting)),
      server_([this](RawConnection& connection) { serve(connection); }) {}

void TlsServer::serve(RawConnection& connection) {
  // OpenSSL writes to the socket as to a file: a client that is gone would end the process.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  const Ssl ssl(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(ssl.get(), connection.fd());
  const int accepted = SSL_accept(ssl.get());
  if (SSL_want_client_hello_cb(ssl.get())) {
    ++choked_;
    if (resumption_ == Resumption::left_unanswered) connection.await_end();
  }
  if (accepted == 1) {
    if (SSL_session_reused(ssl.get()) == 1) ++resumed_;
    std::array<char, 64> into;
    std::size_t count = 0;
    SSL_write_ex(ssl.get(), greeting_.data(), greeting_.size(), &count);
    while (SSL_read_ex(ssl.get(), into.data(), into.size(), &count) == 1) {
    }
    SSL_shutdown(ssl.get());
  }
  ERR_clear_error();
}

}  // namespace bearer::test
