#include "net/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <string_view>
#include <utility>

namespace bearer::net {
namespace {

// Many records are read at a time: one system call for each 16 KiB would cost a third of the CPU
// time of a download. The memory is held only while a record is under way
// (SSL_MODE_RELEASE_BUFFERS).
constexpr std::size_t kReadBufferBytes = 64u << 10;

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> parsed;
  return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

/// Rejects a key that needs a passphrase, because there is nobody to ask.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// OpenSSL would block on a pipe until somebody writes, even during a reload.
bool is_pipe(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
}

constexpr const char* kPipe = "is a pipe; it is read again at each reload, so it has to be a file";

/// The protocols that a handshake offers, the best first.
std::string_view protocols(Alpn alpn) {
  constexpr std::string_view kBoth = "\x02h2\x08http/1.1";
  constexpr std::size_t kH2Bytes = 3;
  switch (alpn) {
    case Alpn::http_1_1: return kBoth.substr(kH2Bytes);
    case Alpn::h2: return kBoth.substr(0, kH2Bytes);
    case Alpn::either: break;
  }
  return kBoth;
}

base::Result<void> use_client_certificate(SSL_CTX* context, const TlsOptions& options) {
  const std::string &cert = options.client_cert_file, &key = options.client_key_file;
  if (cert.empty()) return {};
  const auto unusable = [](const std::string& file, const std::string& why) {
    return base::Error{base::Errc::client_certificate_unusable, file + ": " + why};
  };
  for (const std::string& file : {cert, key}) {
    if (is_pipe(file)) return unusable(file, kPipe);
  }
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, cert.c_str()) != 1) {
    return unusable(cert, "no certificate in PEM can be read from it (" + tls_error_text() + ")");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context))) < 0) {
    return unusable(cert, "the certificate has expired");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable(key, "no key of " + cert + " can be read from it (" + tls_error_text() + ")");
  }
  return {};
}

}  // namespace

std::string tls_error_text() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "OpenSSL error " + std::to_string(code);
}

TlsContext::TlsContext(TlsOptions options)
    : options_(std::move(options)), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {}

// Connections hold the SSL_CTX, and may read a ticket after this object's end. It is dropped.
TlsContext::~TlsContext() {
  if (context_) SSL_CTX_sess_set_new_cb(context_.get(), nullptr);
}

base::Result<std::unique_ptr<TlsContext>> TlsContext::make(TlsOptions options) {
  std::unique_ptr<TlsContext> made(new TlsContext(std::move(options)));
  SSL_CTX* context = made->context_.get();
  if (!context) return base::Error{base::Errc::file_unreadable, tls_error_text()};
  const std::string& ca_file = made->options_.ca_file;
  if (is_pipe(ca_file)) return base::Error{base::Errc::file_unreadable, ca_file + ": " + kPipe};
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                     : SSL_CTX_load_verify_file(context, ca_file.c_str());
  if (loaded != 1)
    return base::Error{base::Errc::file_unreadable, ca_file + ": " + tls_error_text()};
  const base::Result<void> used = use_client_certificate(context, made->options_);
  if (!used) return used.error();

  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBufferBytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context, made.get());
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return made;
}

// Called within reads (TLS 1.3 sends its tickets after the handshake). The last ticket is the best.
int TlsContext::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  self->session_.reset(session, SSL_SESSION_free);
  return 1;  // the reference is ours now
}

// OpenSSL marks a session as spent only after an alert, not if a server hangs up or is silent.
void TlsContext::forget(const Session& session) {
  if (session_ == session) session_.reset();
}

TlsContext::Connection TlsContext::connection(const Session& session, Alpn alpn) {
  Connection ssl(SSL_new(context_.get()), SSL_free);
  if (!ssl) return ssl;
  SSL_set_connect_state(ssl.get());
  const std::string_view offer = protocols(alpn);
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                      static_cast<unsigned>(offer.size()));
  const std::string& name = options_.server_name;
  bool named = false;
  if (is_address(name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str()) == 1;
  } else {
    // A common name alone does not identify a host (RFC 9525 section 2).
    SSL_set_hostflags(ssl.get(),
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    named = SSL_set1_host(ssl.get(), name.c_str()) == 1;
    // The macro SSL_set_tlsext_host_name(), without its C cast.
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  // Without a name to compare, any trusted certificate would be accepted.
  if (!named) return {nullptr, SSL_free};
  if (session) SSL_set_session(ssl.get(), session.get());
  return ssl;
}

}  // namespace bearer::net
