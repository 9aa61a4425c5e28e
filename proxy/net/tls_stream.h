// A TLS client's stream on top of another stream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace bearer::net {

class TlsStream final : public Stream {
 public:
  /// `connection` speaks over `under`; neither is null.
  TlsStream(TlsContext::Connection connection, std::unique_ptr<Stream> under);
  ~TlsStream() override;

  /// One step of the handshake: ok (done), blocked, or failed (see handshake_error()).
  Io::Status shake();
  /// Errc::tls_certificate_untrusted, tls_handshake_failed or descriptors_used_up (the authority
  /// could not be looked up), with the reason for a person, and a fix if that does not depend on
  /// the settings.
  base::Error handshake_error() const;

  void set_waiter(Sleeper* sleeper) override { under_->set_waiter(sleeper); }
  Io read(std::span<char> into) override;
  Io write(std::span<const iovec> from) override;
  bool peer_closed() const override { return under_->peer_closed(); }
  bool quiet(bool ask) override;
  void shut() override;
  std::optional<base::WallTime> certificate_ends() const override;
  bool speaks_h2() const override;
  std::string failure() const override { return failure_; }
  void reset_on_close() override { under_->reset_on_close(); }
  /// The protocol inside tells its own end. So an end of the connection without close_notify is
  /// an end from now on, unless it comes in the middle of a record.
  void expect_end() override { end_expected_ = true; }

 private:
  /// Called by OpenSSL for each certificate of the server's chain.
  static int verified(int fine, X509_STORE_CTX* checked);
  Io::Status status_of(int result);
  Io write_all(std::string_view bytes);
  bool ended_unannounced() const;

  std::unique_ptr<Stream> under_;
  TlsContext::Connection ssl_;
  std::string failure_;
  std::optional<base::Error> certificate_fault_;
  bool no_descriptor_ = false;  ///< to look the authority up
  bool end_expected_ = false;
};

}  // namespace bearer::net
