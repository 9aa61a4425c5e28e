// An HTTP/2 stream as a net::Stream of HTTP/1.1 bytes: what comes is read as such a message, and
// such a message is written, which must be one of ours. So whoever relays messages need not know
// the version. Heads are the subclasses'; bodies, trailers, ends and back-pressure are here.
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

/// Waits with what it cannot send: `blocked` where a small buffer is full, for the windows are.
class TranslatedStream : public net::Stream, public Channel {
 public:
  ~TranslatedStream() override;

  void set_waiter(net::Sleeper* sleeper) override { waiter_ = sleeper; }
  net::Io read(std::span<char> into) override;
  net::Io write(std::span<const iovec> from) override;
  /// The peer has reset the stream, or its connection is lost, before both messages were whole.
  bool peer_closed() const override { return left_; }
  bool quiet(bool ask) override;
  bool came_in_at(std::string_view host) const override;
  std::uint16_t own_port() const override;
  void shut() override;
  void reset_on_close() override;

  /// Why the stream is over, where peer_closed().
  ErrorCode closed_with() const { return closed_with_; }

 protected:
  /// `written` is what kind of message is written; `broken` is what the peer is told where that
  /// cannot be finished.
  TranslatedStream(MessageReader::Kind written, ErrorCode broken)
      : broken_(broken), reader_(written) {}

  // Sending.

  /// The stream has begun: it belongs to a session, or is over.
  virtual bool begun() const { return true; }
  /// The head of the message that is written is in `reader`: sends it, and tells the reader what
  /// only the context tells. False if it cannot be sent.
  virtual bool send_head(MessageReader& reader) = 0;
  /// What still comes is not wanted any more.
  virtual bool heard_enough() const { return false; }
  /// The written message is whole.
  bool sent_whole() const { return outgoing_.whole; }

  // Receiving: what comes is appended to the message that is read.

  enum class Body : std::uint8_t { none, length, chunked, raw };

  void append_line(std::string_view name, std::string_view value);
  net::Buffer& incoming() { return in_; }
  /// What end_head() may append.
  static constexpr std::size_t kHeadEndBytes = 32;
  /// The head in incoming() is whole, but for its empty line and the field that says `chunked`,
  /// which are appended.
  void end_head(Body body);
  bool reads_head() const { return !head_read_; }
  void on_trailer(std::string_view name, std::string_view value);
  bool in_whole() const { return in_whole_; }
  /// What comes cannot be read: the stream is reset, as if its peer had.
  void give_up(ErrorCode why);
  void wake();

  void on_data(std::string_view data) override;
  void on_end() override;
  void on_sent() override;
  void on_closed(ErrorCode why) override;

 private:
  bool over() const { return begun() && !session(); }
  bool take(std::string_view bytes, std::size_t& taken);
  void frame_next();

  net::Sleeper* waiter_ = nullptr;
  net::Buffer in_;              // read first
  net::Buffer data_;            // of a body in chunks, without their frames
  std::size_t chunk_left_ = 0;  // of the chunk under way, whose data is all there
  std::size_t untold_ = 0;      // bytes of data in both that the session was not told to be taken
  std::string trailers_;
  ErrorCode closed_with_ = ErrorCode::no_error;
  const ErrorCode broken_;
  MessageReader reader_;
  Body body_ = Body::none;
  bool head_read_ = false;
  bool in_whole_ = false;
  bool last_chunk_read_ = false;
  bool left_ = false;
  bool shut_ = false;  // in the middle of a message
  bool wants_room_ = false;
};

}  // namespace bearer::wire::h2
