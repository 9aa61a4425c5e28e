#include "net/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace bearer::net {
namespace {

// Two of TLS 1.3's largest records are read at a time, and not a byte more: the rest of a third one
// would need a call of its own. Before OpenSSL opens a record, it moves it and all that came after
// it to the front of the buffer, so more records cost more in moves than they save in calls. The
// memory is held only while a record is under way (SSL_MODE_RELEASE_BUFFERS).
constexpr std::size_t kRecordBytesMax = 5 + (16u << 10) + 1 + 16;  // RFC 8446 section 5.2, AES-GCM
constexpr std::size_t kFrontBytes = 3;  // OpenSSL leaves them free, to align what follows a header
constexpr std::size_t kReadBufferBytes = kFrontBytes + 2 * kRecordBytesMax;

/// The most contexts that are kept: as many as there are stores (trust_store.cc).
constexpr std::size_t kContextsMax = 16;

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

/// The place for a connection's sessions. A server may give one after the context is gone.
using Place = std::shared_ptr<TlsContext::Session>;

void free_place(void*, void* place, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Place*>(place);
}

int place_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, free_place);
  return index;
}

bool keep_sessions_in(SSL* ssl, const Place& place) {
  auto kept = std::make_unique<Place>(place);
  if (SSL_set_ex_data(ssl, place_index(), kept.get()) != 1) return false;
  static_cast<void>(kept.release());  // free_place() frees it
  return true;
}

// Called within reads (TLS 1.3 sends its tickets after the handshake). The last ticket is the best.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  const auto* place = static_cast<const Place*>(SSL_get_ex_data(ssl, place_index()));
  if (place == nullptr) return 0;
  (*place)->reset(session, SSL_SESSION_free);
  return 1;  // the reference is ours now
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

base::Result<Context> make_context(const TlsOptions& options, const TrustStore& store) {
  Context made(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX* context = made.get();
  if (!context) return base::Error{base::Errc::file_unreadable, tls_error_text()};
  SSL_CTX_set1_cert_store(context, store.get());
  const base::Result<void> used = use_client_certificate(context, options);
  if (!used) return used.error();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBufferBytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return made;
}

/// A context in use, for all who want the same one. One that shows a certificate is never shared:
/// the certificate has to be read, and may have ended.
struct Known {
  TrustStore store;  // distinguishes it from others
  Context context;
};

struct Memory {
  std::mutex mutex;
  std::deque<Known> contexts;
};

/// Never destroyed, because OpenSSL cleans up at the program's end, perhaps before that.
Memory& memory() {
  static Memory& all = *new Memory;
  return all;
}

Context share(const Context& context) {
  SSL_CTX_up_ref(context.get());
  return {context.get(), SSL_CTX_free};
}

base::Result<Context> shared_context(const TlsOptions& options) {
  if (is_pipe(options.ca_file)) {
    return base::Error{base::Errc::file_unreadable, options.ca_file + ": " + kPipe};
  }
  base::Result<TrustStore> store = trust_store(options.ca_file);
  if (!store) return store.error();
  if (!options.client_cert_file.empty()) return make_context(options, *store);
  const std::lock_guard lock(memory().mutex);
  std::deque<Known>& contexts = memory().contexts;
  for (const Known& known : contexts) {
    if (known.store.get() == store->get()) return share(known.context);
  }
  base::Result<Context> made = make_context(options, *store);
  if (!made) return made;
  if (contexts.size() == kContextsMax) contexts.pop_front();
  contexts.push_back({std::move(*store), share(*made)});
  return made;
}

}  // namespace

TlsContext::TlsContext(TlsOptions options, Context context)
    : options_(std::move(options)),
      context_(std::move(context)),
      session_(std::make_shared<Session>()) {}

base::Result<std::unique_ptr<TlsContext>> TlsContext::make(TlsOptions options) {
  base::Result<Context> context = shared_context(options);
  if (!context) return context.error();
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(options), std::move(*context)));
}

// OpenSSL marks a session as spent only after an alert, not if a server hangs up or is silent.
void TlsContext::forget(const Session& session) {
  if (*session_ == session) session_->reset();
}

TlsContext::Connection TlsContext::connection(const Session& session, Alpn alpn) {
  Connection ssl(SSL_new(context_.get()), SSL_free);
  if (!ssl || !keep_sessions_in(ssl.get(), session_)) return {nullptr, SSL_free};
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
