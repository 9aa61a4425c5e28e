// A client's request on an HTTP/2 connection as HTTP/1.1 bytes: a connection with one request.
//
// A CONNECT with a protocol (RFC 8441) is read as an Upgrade, and the 101 to it is sent as a 200.
// So a WebSocket reaches an upstream of either version.
#pragma once

#include <memory>
#include <string>

#include "wire/h2/translated_stream.h"

namespace bearer::wire::h2 {

class ServerStream final : public TranslatedStream {
 public:
  ServerStream() : TranslatedStream(MessageReader::Kind::response, ErrorCode::internal_error) {}
  ~ServerStream() override;

  /// True if its head is complete and can be read.
  bool arrived() const { return !reads_head(); }

 private:
  /// The state of a head that comes. Its first line is known once all pseudo-fields are.
  struct Opening {
    std::string method, scheme, authority, path, protocol, cookie;
    bool begun = false;
    bool sized = false;
  };

  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_end(bool last) override;
  void on_data(std::string_view data) override;
  bool send_head(MessageReader& reader) override;
  // The rest of a request that has its answer is not wanted (RFC 9113 section 8.1).
  bool heard_enough() const override { return sent_whole(); }
  void begin_head();
  bool waits_for_switch() const { return websocket_ && !switched_; }

  std::unique_ptr<Opening> opening_ = std::make_unique<Opening>();
  bool to_head_ = false;    // the request's method is HEAD
  bool websocket_ = false;  // it came as a CONNECT with a protocol
  bool switched_ = false;   // and was accepted
  bool asked_ = false;      // for the body, by a 100
  net::Buffer early_;       // bytes that came before the switch
};

}  // namespace bearer::wire::h2
