// A client's request on an HTTP/2 connection as HTTP/1.1 bytes: a connection with one request.
//
// A CONNECT with a protocol (RFC 8441) is read as an Upgrade, and the 101 to it is sent as a 200.
// So a WebSocket reaches an upstream of either version.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/recycler.h"
#include "wire/h2/translated_stream.h"

namespace bearer::wire::h2 {

class ServerStream final : public TranslatedStream, public net::recycler::Recycled {
 public:
  ServerStream();
  ~ServerStream() override;

  /// True if its head is complete and can be read.
  bool arrived() const { return !reads_head(); }

 private:
  /// The state of a head that comes. Its first line is known once all pseudo-fields are.
  struct Opening;
  /// Keeps the memory of some of them for the thread's next ones.
  struct Close {
    void operator()(Opening* opening) const;
  };
  static std::vector<std::unique_ptr<Opening>>& spare_openings();
  static std::unique_ptr<Opening, Close> open();

  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_end(bool last) override;
  void on_data(std::string_view data) override;
  bool send_head(MessageReader& reader) override;
  void begin_head();
  void end_opening(bool last);
  bool waits_for_switch() const { return websocket_ && !switched_; }

  std::unique_ptr<Opening, Close> opening_;  // until the head is whole
  bool to_head_ = false;                     // the request's method is HEAD
  bool websocket_ = false;                   // it came as a CONNECT with a protocol
  bool switched_ = false;                    // and was accepted
  bool asked_ = false;                       // a 100 has asked for the body
  net::Buffer early_;                        // bytes that came before the switch
};

}  // namespace bearer::wire::h2
