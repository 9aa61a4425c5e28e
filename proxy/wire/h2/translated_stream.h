// An HTTP/2 stream as a net::Stream of HTTP/1.1 bytes: it reads as such a message, and takes such a
// message, which must be one of ours. So the code that relays messages need not know the version.
// Subclasses translate heads; this class does bodies, trailers, ends and back-pressure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/buffer.h"
#include "net/stream.h"
#include "wire/h2/channel.h"
#include "wire/h2/message_reader.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {

/// Keeps what it cannot send, and unsent() says how much. A write is `blocked` if windows and a
/// small buffer are full. Whoever destroys the stream before all was sent resets it.
class TranslatedStream : public net::Stream, public Channel {
 public:
  ~TranslatedStream() override;

  void set_waiter(net::Sleeper* sleeper) override { waiter_ = sleeper; }
  std::size_t unsent() const override;
  bool may_read() const override;
  net::Io read(std::span<char> into) override;
  net::Io write(std::span<const iovec> from) override;
  /// True if the stream was reset or its connection lost before both messages had gone over it.
  bool peer_closed() const override { return left_; }
  bool quiet(bool ask) override;
  bool came_in_at(std::string_view host) const override;
  std::uint16_t own_port() const override;
  void shut() override;
  void reset_on_close() override;

  /// The code with which the stream ended; no_error while it goes on.
  ErrorCode closed_with() const { return closed_with_; }

 protected:
  /// `written` is the kind of message that is written; `broken` is the code that the peer gets if
  /// it cannot be finished.
  TranslatedStream(MessageReader::Kind written, ErrorCode broken)
      : broken_(broken), reader_(written) {}

  // Sending.

  /// True if the stream has begun: it belongs to a session, or is over.
  virtual bool begun() const { return true; }
  /// Sends the head in `reader`, and tells the reader what only the context tells. False if it
  /// cannot be sent.
  virtual bool send_head(MessageReader& reader) = 0;

  // Receiving: the bytes are appended to the message that is read.

  enum class Body : std::uint8_t { none, length, chunked, raw };

  void append_line(std::string_view name, std::string_view value);
  net::Buffer& incoming() { return in_; }
  /// The most bytes that end_head() appends.
  static constexpr std::size_t kHeadEndBytes = 32;
  /// Completes the head in incoming(): appends its empty line and the field that says `chunked`.
  void end_head(Body body);
  bool reads_head() const { return !head_read_; }
  void on_trailer(std::string_view name, std::string_view value);
  /// The incoming message cannot be read: resets the stream, as if the peer had.
  void give_up(ErrorCode why);
  void wake();

  void on_data(std::string_view data) override;
  void on_end() override;
  void on_sent() override;
  void on_closed(ErrorCode why) override;

 private:
  bool over() const { return begun() && !session(); }
  bool take_head();
  bool take(std::string_view bytes, std::size_t& taken);
  void frame_next();

  net::Sleeper* waiter_ = nullptr;
  net::Buffer in_;              // read first
  net::Buffer data_;            // of a body in chunks, without their frames
  std::size_t chunk_left_ = 0;  // of the current chunk, whose data has all come
  std::size_t untold_ = 0;      // bytes of data in both, for which took() has not been called
  std::string trailers_;
  ErrorCode closed_with_ = ErrorCode::no_error;
  const ErrorCode broken_;
  MessageReader reader_;
  Body body_ = Body::none;
  bool head_read_ = false;
  bool in_whole_ = false;
  bool last_chunk_read_ = false;
  bool left_ = false;
  bool shut_ = false;  // shut in the middle of a message
  bool wants_room_ = false;
  bool wants_end_ = false;  // the message was written to its end, which could not go at once
};

}  // namespace bearer::wire::h2
