// The session's calls to nghttp2, and nghttp2's callbacks, frame by frame.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/head_scanner.h"
#include "net/buffer.h"
#include "wire/h2/channel.h"
#include "wire/h2/literal_fields.h"
#include "wire/h2/message_reader.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {
namespace {

// The most that a head may unpack to. Fields over the limit of heads are dropped long before.
constexpr std::size_t kUnpackedBytesMax = 16 * http::kHeadBytesMax;
// Heads are not subject to flow control. This much of interim ones waits, or a single one.
constexpr std::size_t kInterimBytesMax = 4u << 10;

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2 only reads them.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

nghttp2_nv nghttp2_field(const Field& field, int flags) {
  return {bytes_of(field.name), bytes_of(field.value), field.name.size(), field.value.size(),
          static_cast<std::uint8_t>(flags)};
}

// nghttp2 makes the frame before their memory is used for anything else.
constexpr int kNotCopied = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;

/// Valid until the thread's next call of this.
std::vector<nghttp2_nv>& nghttp2_fields(std::span<const Field> fields, int flags = 0) {
  thread_local std::vector<nghttp2_nv> out;
  out.clear();
  for (const Field& field : fields) out.push_back(nghttp2_field(field, flags));
  return out;
}

struct CallbacksDelete {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};
using OwnedCallbacks = std::unique_ptr<nghttp2_session_callbacks, CallbacksDelete>;

bool is_head(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS;
}

bool ends_stream(const nghttp2_frame& frame) {
  const bool may = is_head(frame) || frame.hd.type == NGHTTP2_DATA;
  return may && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

// ── Receiving: nghttp2 calls these. ──

/// The user data of a nghttp2_session is its Session, that of a stream its Channel.
struct Session::Callbacks {
  static Session& of(void* self) { return *static_cast<Session*>(self); }
  /// The stream's, if it has one. Several callbacks in turn mostly concern the same stream.
  static Channel* channel(Session& self, std::int32_t id) {
    if (self.recent_ && self.recent_->id_ == id) return self.recent_;
    void* const its = nghttp2_session_get_stream_user_data(self.session_, id);
    return self.recent_ = static_cast<Channel*>(its);
  }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Session& self = of(user);
    self.block_bytes_ = 0;
    if (!is_head(*frame) || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
      self.block_ = channel(self, frame->hd.stream_id);
      return 0;
    }
    ++self.streams_;
    self.block_ = self.going_away_ ? nullptr : self.options_.accept();
    if (!self.block_) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                NGHTTP2_REFUSED_STREAM);
      if (self.going_away_ || self.guard_.refusal(self.sleeper_.loop().now())) return 0;
      self.fail("too many requests beyond the limit of clients", ErrorCode::enhance_your_calm);
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    self.adopt(*self.block_, frame->hd.stream_id);
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, self.block_);
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
    Session& self = of(user);
    const std::size_t before = self.block_bytes_;
    self.block_bytes_ += name_size + value_size + kFieldOverheadBytes;
    if (before > kUnpackedBytesMax) {
      self.fail("a head that unpacks to more than 1 MiB", ErrorCode::enhance_your_calm);
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    Channel* at = self.block_;
    if (at && before <= http::kHeadBytesMax) {
      at->on_field(view(name, name_size), view(value, value_size));
    } else if (at) {
      at->cut_ = true;
    }
    return 0;
  }

  /// A field that is not valid HTTP. The library would drop it without the next reader knowing.
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  /// Notes what a frame means for the connection. `known` if its stream exists. False if the peer
  /// goes too far.
  static bool note(Session& self, const nghttp2_frame& frame, bool known) {
    switch (frame.hd.type) {
      case NGHTTP2_HEADERS: self.guard_.useful_frame(); return true;
      // Some peers answer each piece of a body with two.
      case NGHTTP2_WINDOW_UPDATE: return true;
      case NGHTTP2_RST_STREAM:
        if (known) return true;  // stream_closed() counts them
        break;
      case NGHTTP2_GOAWAY: self.peer_going_away_ = true; break;
      case NGHTTP2_PING:
        // All streams that the peer began before it read our GOAWAY have come by now.
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 && self.last_call_ends_ != base::kNever) {
          self.begin_no_more();
        }
        break;
      case NGHTTP2_SETTINGS: self.settled_ = true; break;
      case NGHTTP2_DATA:
        if (frame.hd.length > frame.data.padlen || ends_stream(frame)) return true;
        break;
      default: break;
    }
    return self.spare_frame();
  }

  /// A request ended after its answer, and its stream with it. Some clients look at the answer only
  /// once something more comes (curl 7.88); others ignore this (RFC 9113 section 5.1).
  static void say_ended(nghttp2_session* session, std::int32_t id) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Session& self = of(user);
    Channel* at = channel(self, frame->hd.stream_id);
    if (is_head(*frame)) self.block_ = nullptr;
    if (!note(self, *frame, at != nullptr)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (!at) return 0;
    // Its code may be NO_ERROR, like that of a stream that ends well.
    if (frame->hd.type == NGHTTP2_RST_STREAM) self.reset_ = at;
    if (is_head(*frame)) at->on_fields_end(ends_stream(*frame));
    const bool late_end = ends_stream(*frame) && self.options_.role == Role::server &&
                          nghttp2_session_get_stream_local_close(session, at->id_) == 1;
    if (ends_stream(*frame) && at->session()) at->on_end();
    if (late_end) say_ended(session, frame->hd.stream_id);
    return 0;
  }

  /// The head goes into the output next. That it is there is noted when the next one goes, if ever.
  static int before_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (!is_head(*frame)) return 0;
    Session& self = of(user);
    Channel* at = channel(self, frame->hd.stream_id);
    if (!at) return 0;
    if (at->head_at_ == Channel::kNotMade) at->head_at_ = self.written_ + self.out_.size();
    Making* const making = self.making_;
    if (making && making->of == at->id_) making->begun = true;
    if (ends_stream(*frame)) end_sent(*at);
    return 0;
  }

  static void end_sent(Channel& channel) {
    channel.outgoing_.sent = true;
    channel.on_sent();
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool fault =
        frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR;
    if (fault && of(user).why_over_.empty()) {
      Session& self = of(user);
      self.why_over_ = nghttp2_http2_strerror(frame->goaway.error_code);
      const std::string_view rule = view(frame->goaway.opaque_data, frame->goaway.opaque_data_len);
      const bool named = self.options_.role == Role::client && !rule.empty();
      if (named) self.why_over_.append(" (").append(rule).append(")");
    }
    if (frame->hd.type == NGHTTP2_DATA) return 0;
    Channel* at = channel(of(user), frame->hd.stream_id);
    if (!at) return 0;
    const bool interim = is_head(*frame) && at->interims_ > 0;
    if (interim && --at->interims_ == 0) at->interim_bytes_ = 0;
    // A stream reset by reset() has no channel any more, so here the library resets it, because of
    // what the server sent.
    const bool library_resets =
        frame->hd.type == NGHTTP2_RST_STREAM && of(user).options_.role == Role::client;
    if (library_resets) of(user).forget(*at, ErrorCode::malformed);
    return 0;
  }

  /// The head of a client's request, because the peer has gone meanwhile, or of a response to a
  /// stream that is about to be reset.
  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    if (!is_head(*frame)) return 0;
    Making*& making = of(user).making_;
    if (making && making->of == frame->hd.stream_id) making = nullptr;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Channel* at = channel(of(user), frame->hd.stream_id);
    if (at) of(user).forget(*at, ErrorCode::refused_stream);
    return 0;
  }

  /// A frame of a type that we do not know: it is ignored (RFC 9113 section 4.1), and counted.
  static int unknown_frame(nghttp2_session*, void**, const nghttp2_frame_hd*, void* user) {
    return of(user).spare_frame() ? NGHTTP2_ERR_CANCEL : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int data_received(nghttp2_session* session, std::uint8_t, std::int32_t id,
                           const std::uint8_t* data, std::size_t size, void* user) {
    // The connection's window does not depend on a stream's reader: a slow one holds up no other.
    nghttp2_session_consume_connection(session, size);
    Channel* at = channel(of(user), id);
    if (at && at->session()) at->on_data(view(data, size));
    of(user).guard_.useful_frame();
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    Session& self = of(user);
    --self.streams_;
    Channel* at = channel(of(user), id);
    if (!at) return 0;
    // Either the peer resets it, or it makes us do so by a frame that is out of order.
    const base::Instant now = self.sleeper_.loop().now();
    const bool reset = at == std::exchange(self.reset_, nullptr);
    const bool taken_back = reset || code != NGHTTP2_NO_ERROR;
    const bool rapid =
        self.options_.role == Role::server && taken_back && now < at->begun_ + kRapid;
    self.unlink(*at);
    at->on_closed(static_cast<ErrorCode>(code));
    if (rapid && !self.guard_.rapid_reset(now)) {
      self.fail("too many requests that were taken back at once", ErrorCode::enhance_your_calm);
    }
    return 0;
  }

  static ssize_t data_asked(nghttp2_session* session, std::int32_t id, std::uint8_t*,
                            std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                            void* user) {
    Channel* from = channel(of(user), id);
    if (!from) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    // nghttp2 asks again once there is room. The check is here, because before data_sent() the
    // frame stands in memory that sessions share.
    if (of(user).out_.size() >= kOutBytesMax) return NGHTTP2_ERR_PAUSE;
    const Outgoing& outgoing = from->outgoing_;
    const std::size_t some = std::min(size, outgoing.data.size());
    const bool last = outgoing.whole && some == outgoing.data.size();
    if (some == 0 && !last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (last && !outgoing.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv>& trailers = nghttp2_fields(fields_of(outgoing.trailers));
      nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
    }
    return static_cast<ssize_t>(some);
  }

  static int data_sent(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* header,
                       std::size_t size, nghttp2_data_source*, void* user) {
    constexpr std::size_t kFrameHeaderBytes = 9;
    Session& self = of(user);
    Channel* from = channel(of(user), frame->hd.stream_id);
    if (!from) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    self.put(view(header, kFrameHeaderBytes));
    if (size > 0) {
      net::Buffer& data = from->outgoing_.data;
      self.put(data.bytes().substr(0, size));
      data.consume(size);
    }
    if (ends_stream(*frame)) {
      end_sent(*from);
    } else {
      from->on_sent();
    }
    self.guard_.useful_frame();
    return 0;
  }

  static OwnedCallbacks make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
    nghttp2_session_callbacks_set_unpack_extension_callback(made, unknown_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_received);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
    nghttp2_session_callbacks_set_before_frame_send_callback(made, before_frame_sent);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, frame_not_sent);
    nghttp2_session_callbacks_set_send_data_callback(made, data_sent);
    return OwnedCallbacks(made);
  }
};

const nghttp2_session_callbacks* Session::callbacks() {
  static const OwnedCallbacks made = Callbacks::make();
  return made.get();
}

// ── Sending. ──

bool Session::open(Channel& channel, std::span<const Field> head, bool last) {
  assert(options_.role == Role::client);
  if (broken_ || going_away_ || peer_going_away_) return false;
  const bool at_once = makes_at_once() && places() > 0 && fits_one_frame(head);
  thread_local Fields literals;
  literals.clear();
  std::vector<nghttp2_nv>& fields = nghttp2_fields({});
  for (const Field& field : head) {
    const bool literal = never_repeats(field);
    if (literal && at_once) {
      literals.push_back(field);
    } else {
      fields.push_back(nghttp2_field(field, at_once   ? kNotCopied
                                            : literal ? NGHTTP2_NV_FLAG_NO_INDEX
                                                      : NGHTTP2_NV_FLAG_NONE));
    }
  }
  const nghttp2_data_provider body{{}, Callbacks::data_asked};
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                                 last ? nullptr : &body, &channel);
  if (id < 0) return false;
  ++streams_;
  channel.outgoing_.whole = last;
  adopt(channel, id);
  if (at_once) make_head({.of = id, .literals = literals});
  sleeper_.wake();
  return true;
}

void Session::send_interim(Channel& channel, std::span<const Field> head, bool must) {
  std::size_t bytes = 0;
  for (const Field& field : head) {
    bytes += field.name.size() + field.value.size() + kFieldOverheadBytes;
  }
  const bool full = channel.interims_ > 0 && channel.interim_bytes_ + bytes > kInterimBytesMax;
  if (full && !must) return;
  ++channel.interims_;
  channel.interim_bytes_ += static_cast<std::uint32_t>(bytes);
  const std::vector<nghttp2_nv>& fields = nghttp2_fields(head);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, channel.id_, nullptr, fields.data(),
                         fields.size(), nullptr);
  sleeper_.wake();
}

void Session::send_response(Channel& channel, std::span<const Field> head, bool last) {
  const bool at_once =
      makes_at_once() && fits_one_frame(head) && channel.interims_ == 0;  // those go before it
  const std::span<const Field> literals = head.subspan(at_once ? 1 : head.size());
  const std::vector<nghttp2_nv>& fields =
      nghttp2_fields(head.first(head.size() - literals.size()), at_once ? kNotCopied : 0);
  const nghttp2_data_provider body{{}, Callbacks::data_asked};
  channel.outgoing_.whole = last;
  const int error = nghttp2_submit_response(session_, channel.id_, fields.data(), fields.size(),
                                            last ? nullptr : &body);
  if (at_once && error == 0) make_head({.of = channel.id_, .literals = literals});
  sleeper_.wake();
}

}  // namespace bearer::wire::h2
