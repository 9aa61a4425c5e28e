#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/clock.h"
#include "net/certificate_fault.h"
#include "net/connect.h"
#include "net/outbox.h"
#include "net/trust_store.h"

namespace bearer::net {
namespace {

// OpenSSL reads and writes through our stream rather than the socket: the stream knows when a call
// would be in vain, and a test can put a failing one under TLS.
Stream& stream_of(BIO* bio) {
  return *static_cast<Stream*>(BIO_get_data(bio));
}

int result_of(BIO* bio, const Io& io, std::size_t* moved) {
  BIO_clear_retry_flags(bio);
  *moved = io.bytes;
  return io.ok() ? 1 : 0;
}

int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* moved) {
  const Io io = stream_of(bio).read({into, size});
  const int result = result_of(bio, io, moved);
  if (io.blocked()) BIO_set_retry_read(bio);
  if (io.status == Io::Status::ended) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return result;
}

int bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
  const iovec parts[] = {part({from, size})};
  const Io io = stream_of(bio).write(parts);
  const int result = result_of(bio, io, moved);
  if (io.blocked()) BIO_set_retry_write(bio);
  return result;
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    BIO_meth_set_read_ex(made, bio_read);
    BIO_meth_set_write_ex(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

std::string_view bytes_of(const iovec& part) {
  return {static_cast<const char*>(part.iov_base), part.iov_len};
}

/// The name that the certificate must contain.
std::string name_asked(SSL* ssl) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "this address";
}

/// Parts joined into the bytes of one record. They are wiped, because one of them is a token.
class Gathered {
 public:
  Gathered() {}  // the memory is filled before it is read
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;
  ~Gathered() { OPENSSL_cleanse(memory_.data(), size_); }

  /// Copies as many whole parts from the front as fit. Returns how many parts go into the next
  /// record: 1, uncopied, if the first one does not fit.
  std::size_t take(std::span<const iovec> from) {
    OPENSSL_cleanse(memory_.data(), size_);
    size_ = 0;
    std::size_t parts = 0;
    while (parts < from.size() && from[parts].iov_len <= memory_.size() - size_) {
      std::memcpy(memory_.data() + size_, from[parts].iov_base, from[parts].iov_len);
      size_ += from[parts].iov_len;
      ++parts;
    }
    return std::max<std::size_t>(parts, 1);
  }
  std::string_view bytes() const { return {memory_.data(), size_}; }

 private:
  std::size_t size_ = 0;
  std::array<char, 16u << 10> memory_;
};

}  // namespace

TlsStream::TlsStream(TlsContext::Connection connection, std::unique_ptr<Stream> under)
    : under_(std::move(under)), ssl_(std::move(connection)) {
  BIO* bio = BIO_new(bio_method());
  BIO_set_data(bio, under_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_ex_data(ssl_.get(), 0, this);
  SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), verified);
}

// A session is offered again only if the connection is not known to have ended badly.
TlsStream::~TlsStream() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get())) {
    SSL_shutdown(ssl_.get());
  }
  ERR_clear_error();
}

Io::Status TlsStream::status_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE: return Io::Status::ok;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return Io::Status::blocked;
    case SSL_ERROR_ZERO_RETURN: return Io::Status::ended;
    default:
      // If OpenSSL does not know why, the stream below has ended.
      failure_ = ERR_peek_error() == 0 ? "the server hung up" : tls_error_text();
      return Io::Status::failed;
  }
}

Io::Status TlsStream::shake() {
  ERR_clear_error();
  take_lookup_shortage();  // of another connection
  return status_of(SSL_do_handshake(ssl_.get()));
}

// The certificate is available only here: a connection whose peer is not trusted does not keep it.
int TlsStream::verified(int fine, X509_STORE_CTX* checked) {
  if (fine == 1) return 1;
  SSL* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(checked, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<TlsStream*>(SSL_get_ex_data(ssl, 0));
  self->no_descriptor_ = take_lookup_shortage();
  self->certificate_fault_ =
      certificate_fault(X509_STORE_CTX_get_current_cert(checked), X509_STORE_CTX_get_error(checked),
                        name_asked(ssl), base::system_clock().wall());
  return 0;
}

base::Error TlsStream::handshake_error() const {
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK) {
    if (no_descriptor_) return descriptors_used_up(EMFILE);
    if (trusts_nobody(SSL_get_SSL_CTX(ssl_.get()))) return no_authorities();
    return certificate_fault_.value_or(
        base::Error{base::Errc::tls_certificate_untrusted, X509_verify_cert_error_string(verdict)});
  }
  return {base::Errc::tls_handshake_failed, failure_};
}

std::optional<base::WallTime> TlsStream::certificate_ends() const {
  // A resumed session has one, too.
  const X509* shown = SSL_get0_peer_certificate(ssl_.get());
  std::tm ends{};
  if (!shown || ASN1_TIME_to_tm(X509_get0_notAfter(shown), &ends) != 1) return std::nullopt;
  return base::WallTime(std::chrono::seconds(timegm(&ends)));
}

bool TlsStream::speaks_h2() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
}

Io TlsStream::read(std::span<char> into) {
  ERR_clear_error();
  std::size_t whole = 0;
  // Each call gives at most one record, so this takes all that have come.
  while (whole < into.size()) {
    std::size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data() + whole, into.size() - whole, &bytes);
    if (result != 1) {
      // The next read meets again whatever ends the stream after these bytes.
      const Io::Status status = whole > 0 ? Io::Status::ok : status_of(result);
      const bool end = status == Io::Status::failed && end_expected_ && ended_unannounced();
      return {end ? Io::Status::ended : status, whole};
    }
    whole += bytes;
  }
  return {Io::Status::ok, whole};
}

/// True if the connection below ended in order, behind a whole record. REQUIRES: a read failed.
bool TlsStream::ended_unannounced() const {
  const bool ended = BIO_test_flags(SSL_get_rbio(ssl_.get()), BIO_FLAGS_IN_EOF) != 0;
  return ended && ERR_peek_error() == 0 && SSL_has_pending(ssl_.get()) == 0;
}

// Small parts go into one record; large ones are not copied.
Io TlsStream::write(std::span<const iovec> from) {
  ERR_clear_error();
  Gathered gathered;
  Io io{Io::Status::ok};
  while (!from.empty() && io.ok()) {
    const std::size_t parts = gathered.take(from);
    const std::string_view record = parts > 1 ? gathered.bytes() : bytes_of(from.front());
    const Io written = write_all(record);
    io = {written.status, io.bytes + written.bytes};
    from = from.subspan(parts);
  }
  return io.blocked() && io.bytes > 0 ? Io{Io::Status::ok, io.bytes} : io;
}

Io TlsStream::write_all(std::string_view bytes) {
  std::size_t whole = 0;
  while (whole < bytes.size()) {
    std::size_t taken = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data() + whole, bytes.size() - whole, &taken);
    if (result != 1) return {status_of(result), whole};
    whole += taken;
  }
  return {Io::Status::ok, whole};
}

bool TlsStream::quiet(bool ask) {
  // An unread session ticket is not a byte of a response.
  std::array<char, 1> byte;
  if (SSL_has_pending(ssl_.get()) || !under_->quiet(false)) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_peek_ex(ssl_.get(), byte.data(), byte.size(), &bytes);
    if (result == 1 || status_of(result) != Io::Status::blocked) return false;
  }
  return under_->quiet(ask);
}

void TlsStream::shut() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  under_->shut();
}

}  // namespace bearer::net
