// A request to a server and its response as HTTP/1.1 bytes, on a stream of a shared HTTP/2
// connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/recycler.h"
#include "wire/h2/translated_stream.h"

namespace bearer::wire::h2 {

class ClientConnection;

/// The caller writes one request and reads its response: first the interim ones, then the final
/// one, with the Content-Length that came, or in chunks, as always if the request takes trailers.
/// It carries one request only, so it is never quiet(). If it is destroyed before the response
/// ends, or before the request was sent, the request is cancelled. An Upgrade is sent as a CONNECT
/// with that protocol (RFC 8441). A 200 to it is read as the 101 that HTTP/1.1 would get, with the
/// proof of its WebSocket's key made here.
class ClientStream final : public TranslatedStream, public net::recycler::Recycled {
 public:
  /// Takes a place of the connection, and keeps the connection alive. REQUIRES: there are places.
  explicit ClientStream(std::shared_ptr<ClientConnection> connection);
  ~ClientStream() override;

  bool quiet(bool) override { return false; }
  bool unprocessed() const override { return unprocessed_; }
  std::optional<base::WallTime> certificate_ends() const override;
  std::string failure() const override;
  /// True if it ended because the server's response was not valid.
  bool malformed() const { return closed_with() == ErrorCode::malformed; }

 private:
  bool begun() const override { return begun_; }
  bool send_head(MessageReader& reader) override;
  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_end(bool last) override;
  void on_closed(ErrorCode why) override;

  const std::shared_ptr<ClientConnection> connection_;
  int status_ = 0;      // of the current head
  bool sized_ = false;  // the current head names a length
  std::string length_;  // the length as named, if the request takes trailers
  bool takes_trailers_ = false;
  bool begun_ = false;     // the request's head was written
  bool to_head_ = false;   // the request's method is HEAD
  bool answered_ = false;  // a head has come, even if only an interim response's
  bool tunnel_ = false;    // it asks for a tunnel
  bool unprocessed_ = false;
  std::string websocket_accept_;
};

}  // namespace bearer::wire::h2
