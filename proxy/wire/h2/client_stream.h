// A request to a server and its response, as a stream of a connection that requests share, behind
// the bytes of HTTP/1.1.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/h2/translated_stream.h"

namespace bearer::wire::h2 {

class ClientConnection;

/// One request is written and its response read: interim ones first, then the final one with the
/// Content-Length that came, or in chunks: so is it where the request takes trailers. So it is
/// never quiet(). Its end before the response's takes the request back. An Upgrade is written as a
/// CONNECT with that protocol (RFC 8441), and a 200 to it is read as the 101 that HTTP/1.1 would
/// get, whose WebSocket's key is proven here.
class ClientStream final : public TranslatedStream {
 public:
  /// Takes a place of the connection, and keeps that alive. REQUIRES: there are places.
  explicit ClientStream(std::shared_ptr<ClientConnection> connection);
  ~ClientStream() override;

  bool quiet(bool) override { return false; }
  bool unprocessed() const override { return unprocessed_; }
  std::optional<base::WallTime> certificate_ends() const override;
  std::string failure() const override;
  /// Its end is the server's fault, whose response is no valid one.
  bool malformed() const { return closed_with() == ErrorCode::malformed; }

 private:
  bool begun() const override { return begun_; }
  bool send_head(MessageReader& reader) override;
  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_end(bool last) override;
  void on_closed(ErrorCode why) override;

  const std::shared_ptr<ClientConnection> connection_;
  int status_ = 0;      // of the head that comes
  bool sized_ = false;  // that head names a length
  std::string length_;  // as it was named, where the request takes trailers
  bool takes_trailers_ = false;
  bool begun_ = false;     // the request's head was written
  bool to_head_ = false;   // the request's method is HEAD
  bool answered_ = false;  // a head has come, were it an interim response's
  bool tunnel_ = false;    // it asks for one
  bool unprocessed_ = false;
  std::string websocket_accept_;
};

}  // namespace bearer::wire::h2
