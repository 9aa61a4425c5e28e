#include "wire/h2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <new>
#include <utility>

#include "http/head_scanner.h"
#include "net/outbox.h"
#include "wire/h2/message_reader.h"

namespace bearer::wire::h2 {
namespace {

constexpr std::size_t kReadBytes = 64u << 10;
// So many reads, then the loop's other connections have their turn.
constexpr int kReadsMax = 4;
// What waits for a peer that does not read; a frame may go beyond it.
constexpr std::size_t kOutBytesMax = 64u << 10;
constexpr int kWritesMax = 8;
// Where the peer does not say that it has heard that we go.
constexpr std::chrono::seconds kLastCall{1};
// Heads are not subject to flow control. So much of a stream's interim ones waits, or a single one.
constexpr std::size_t kInterimBytesMax = 4u << 10;
// The connection's own window: it is given back at once, for what is kept is bounded by stream.
constexpr std::int32_t kConnectionWindowBytes = 1 << 20;
// What a head may unpack to; what is over the limit of heads is dropped long before.
constexpr std::size_t kUnpackedBytesMax = 16 * http::kHeadBytesMax;

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2 only reads them.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

std::vector<nghttp2_nv> nghttp2_fields(std::span<const Field> fields) {
  std::vector<nghttp2_nv> out;
  out.reserve(fields.size());
  for (const Field& field : fields) {
    out.push_back({bytes_of(field.name), bytes_of(field.value), field.name.size(),
                   field.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return out;
}

struct OptionsDelete {
  void operator()(nghttp2_option* options) const { nghttp2_option_del(options); }
};
struct CallbacksDelete {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};

using OwnedOptions = std::unique_ptr<nghttp2_option, OptionsDelete>;
using OwnedCallbacks = std::unique_ptr<nghttp2_session_callbacks, CallbacksDelete>;

// The settings of the library's own limits are its defaults: 8 CONTINUATION frames for a head, 1000
// acknowledgements that wait, 32 settings in a frame.
OwnedOptions make_options(Session::Role role) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  // Answers repeat few fields, and a table is memory that an idle connection keeps. A client's
  // requests repeat a token, which may be long.
  constexpr std::size_t kServerTableBytes = 1024;
  const bool server = role == Session::Role::server;
  if (server) nghttp2_option_set_max_deflate_dynamic_table_size(made, kServerTableBytes);
  return OwnedOptions(made);
}

const nghttp2_option* options_of(Session::Role role) {
  static const OwnedOptions server = make_options(Session::Role::server);
  static const OwnedOptions client = make_options(Session::Role::client);
  return (role == Session::Role::server ? server : client).get();
}

bool is_head(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS;
}

bool ends_stream(const nghttp2_frame& frame) {
  const bool may = is_head(frame) || frame.hd.type == NGHTTP2_DATA;
  return may && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

// ── Channels. ──

Channel::~Channel() {
  if (session_) session_->leave(*this);
}

/// What a channel that has left had still to send, and what its client sends of a request that is
/// answered. A reset would be in order (RFC 9113 section 8.1), but some clients take it for the
/// answer's loss (curl 7.88).
struct Session::Remainder final : Channel {
  explicit Remainder(Outgoing outgoing) {
    outgoing_ = std::move(outgoing);
    this->left_ = true;
  }
  void on_field(std::string_view, std::string_view) override {}
  void on_fields_end(bool) override {}
  void on_data(std::string_view data) override {
    constexpr std::uint64_t kBytesMax = 64u << 20;
    dropped_ += data.size();
    if (dropped_ <= kBytesMax) return session()->took(*this, data.size());
    over = true;
    session()->reset(*this, ErrorCode::no_error);
  }
  void on_end() override {}
  void on_sent() override {}
  void on_closed(ErrorCode) override { over = true; }

  bool over = false;

 private:
  std::uint64_t dropped_ = 0;
};

// ── What nghttp2 calls. ──

struct Session::Callbacks {
  static Session& of(void* self) { return *static_cast<Session*>(self); }
  static Channel* channel(nghttp2_session* session, std::int32_t id) {
    return static_cast<Channel*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Session& self = of(user);
    self.block_bytes_ = 0;
    if (!is_head(*frame) || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    ++self.streams_;
    Channel* channel = self.goes_ ? nullptr : self.options_.accept();
    if (!channel) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    self.adopt(*channel, frame->hd.stream_id);
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
    Session& self = of(user);
    const std::size_t before = self.block_bytes_;
    self.block_bytes_ += name_size + value_size + kFieldOverheadBytes;
    if (before > kUnpackedBytesMax) {
      self.fail("a head that unpacks to more than 1 MiB", ErrorCode::enhance_your_calm);
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    Channel* at = channel(session, frame->hd.stream_id);
    if (at && before <= http::kHeadBytesMax) {
      at->on_field(view(name, name_size), view(value, value_size));
    } else if (at) {
      at->cut_ = true;
    }
    return 0;
  }

  /// A field that is no HTTP: the library would leave it out, and the next reader not know.
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  /// What a frame means for the connection; `known`: its stream is under way. False where the peer
  /// goes too far.
  static bool note(Session& self, const nghttp2_frame& frame, bool known) {
    switch (frame.hd.type) {
      case NGHTTP2_HEADERS: self.guard_.useful_frame(); return true;
      // Some answer each piece of a body with two.
      case NGHTTP2_WINDOW_UPDATE: return true;
      case NGHTTP2_RST_STREAM:
        if (known) return true;  // stream_closed() counts them
        break;
      case NGHTTP2_GOAWAY: self.peer_goes_ = true; break;
      case NGHTTP2_PING:
        // What its peer began before it read that we go has come by now.
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 && self.last_call_ends_ != base::kNever) {
          self.begin_no_more();
        }
        break;
      case NGHTTP2_SETTINGS: self.settled_ = true; break;
      case NGHTTP2_DATA:
        if (frame.hd.length > 0 || ends_stream(frame)) return true;
        break;
      default: break;
    }
    return self.spare_frame();
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Session& self = of(user);
    Channel* at = channel(session, frame->hd.stream_id);
    if (!note(self, *frame, at != nullptr)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (!at) return 0;
    if (is_head(*frame)) at->on_fields_end(ends_stream(*frame));
    if (ends_stream(*frame) && at->session()) at->on_end();
    return 0;
  }

  /// From here on a peer may get to see it: it may even be gone, and its being sent not be noted
  /// yet.
  static int before_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
    if (Channel* at = channel(session, frame->hd.stream_id)) at->out_begun_ |= is_head(*frame);
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool fault =
        frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR;
    if (fault && of(user).why_over_.empty()) {
      of(user).why_over_ = nghttp2_http2_strerror(frame->goaway.error_code);
    }
    Channel* at = channel(session, frame->hd.stream_id);
    if (!at) return 0;
    const bool interim = is_head(*frame) && at->interims_ > 0;
    if (interim && --at->interims_ == 0) at->interim_bytes_ = 0;
    // A reset by reset() has no channel any more: this is the library's, for what the server sent.
    const bool library_resets =
        frame->hd.type == NGHTTP2_RST_STREAM && of(user).options_.role == Role::client;
    if (library_resets) of(user).forget(*at, ErrorCode::malformed);
    return 0;
  }

  /// A client's request that never went out, for the peer has gone meanwhile.
  static int frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame, int, void* user) {
    if (!is_head(*frame) || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Channel* at = channel(session, frame->hd.stream_id);
    if (at) of(user).forget(*at, ErrorCode::refused_stream);
    return 0;
  }

  static int data_received(nghttp2_session* session, std::uint8_t, std::int32_t id,
                           const std::uint8_t* data, std::size_t size, void* user) {
    // The connection's window is no matter of who reads the stream: one slow reader holds no other.
    nghttp2_session_consume_connection(session, size);
    Channel* at = channel(session, id);
    if (at && at->session()) at->on_data(view(data, size));
    of(user).guard_.useful_frame();
    return 0;
  }

  static int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code,
                           void* user) {
    Session& self = of(user);
    --self.streams_;
    Channel* at = channel(session, id);
    if (!at) return 0;
    // Whether the peer resets it, or makes us do so by a frame that is out of order.
    const base::Instant now = self.sleeper_.loop().now();
    const bool rapid =
        self.options_.role == Role::server && code != NGHTTP2_NO_ERROR && now < at->begun_ + kRapid;
    self.forget(*at, static_cast<ErrorCode>(code));
    if (rapid && !self.guard_.rapid_reset(now)) {
      self.fail("too many requests that were taken back at once", ErrorCode::enhance_your_calm);
    }
    return 0;
  }

  static ssize_t data_asked(nghttp2_session* session, std::int32_t id, std::uint8_t*,
                            std::size_t size, std::uint32_t* flags, nghttp2_data_source*, void*) {
    Channel* from = channel(session, id);
    if (!from) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const Outgoing& outgoing = from->outgoing_;
    const std::size_t some = std::min(size, outgoing.data.size());
    const bool last = outgoing.whole && some == outgoing.data.size();
    if (some == 0 && !last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (last && !outgoing.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv> trailers = nghttp2_fields(fields_of(outgoing.trailers));
      nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
    }
    return static_cast<ssize_t>(some);
  }

  static int data_sent(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* header,
                       std::size_t size, nghttp2_data_source*, void* user) {
    constexpr std::size_t kFrameHeaderBytes = 9;
    Session& self = of(user);
    if (self.out_.size() >= kOutBytesMax) return NGHTTP2_ERR_WOULDBLOCK;
    Channel* from = channel(session, frame->hd.stream_id);
    if (!from) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    self.out_.append(view(header, kFrameHeaderBytes));
    if (size > 0) {
      net::Buffer& data = from->outgoing_.data;
      self.out_.append(data.bytes().substr(0, size));
      data.consume(size);
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
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_received);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
    nghttp2_session_callbacks_set_before_frame_send_callback(made, before_frame_sent);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, frame_not_sent);
    nghttp2_session_callbacks_set_send_data_callback(made, data_sent);
    return OwnedCallbacks(made);
  }

  static const nghttp2_session_callbacks* all() {
    static const OwnedCallbacks made = make();
    return made.get();
  }
};

// ── The session. ──

Session::Session(net::Stream& stream, net::Sleeper& sleeper, Options options)
    : stream_(stream), sleeper_(sleeper), options_(std::move(options)) {
  const bool server = options_.role == Role::server;
  assert(!server || options_.accept);
  const auto make = server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
  if (make(&session_, Callbacks::all(), this, options_of(options_.role)) != 0)
    throw std::bad_alloc();
  settle();
}

Session::~Session() {
  while (channels_) {
    const bool unsent = options_.role == Role::client && !channels_->out_begun_;
    forget(*channels_, unsent ? ErrorCode::refused_stream : ErrorCode::connection_lost);
  }
  nghttp2_session_del(session_);
}

void Session::settle() {
  const bool server = options_.role == Role::server;
  const std::array common = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options_.stream_window_bytes},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                             static_cast<std::uint32_t>(http::kHeadBytesMax)},
  };
  std::vector<nghttp2_settings_entry> all(common.begin(), common.end());
  if (server) {
    all.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options_.streams_max});
    all.push_back({NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1});
  } else {
    all.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, all.data(), all.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes);
}

Session::Turn Session::turn(std::span<char> scratch) {
  // A peer that does not read gets no answers to what else it asks.
  const auto full = [this] { return out_.size() >= kOutBytesMax; };
  bool unread = !ended_;
  for (int reads = 0; reads < kReadsMax && !broken_ && !ended_ && !full(); ++reads) {
    const net::Io io = stream_.read(scratch.first(std::min(scratch.size(), kReadBytes)));
    unread = !io.blocked();
    if (!unread) break;
    if (io.status == net::Io::Status::ended && options_.role == Role::server) {
      end_of_reading();
      unread = false;
      break;
    }
    if (!io.ok()) return Turn::over;
    feed({scratch.data(), io.bytes});
  }
  const base::Instant now = sleeper_.loop().now();
  if (now >= last_call_ends_) begin_no_more();
  const Written written = write();
  if (written == Written::failed || broken_) return Turn::over;
  if (ended_ && stream_.peer_left(now)) return Turn::over;
  const bool hears_no_more = ended_ ? streams_ == 0 : nghttp2_session_want_read(session_) == 0;
  const bool done = hears_no_more && nghttp2_session_want_write(session_) == 0 && out_.empty();
  if (done) return Turn::over;
  return (unread && !full()) || written == Written::some ? Turn::again : Turn::wait;
}

base::Instant Session::turn_at() const {
  return ended_ ? std::min(last_call_ends_, stream_.look_again()) : last_call_ends_;
}

/// The requests that have come whole are still answered; the others never will be whole.
void Session::end_of_reading() {
  ended_ = true;
  for (Channel* next = channels_; next;) {
    Channel& channel = *std::exchange(next, next->after_);
    if (nghttp2_session_get_stream_remote_close(session_, channel.id_) == 1) continue;
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, channel.id_, NGHTTP2_CANCEL);
    forget(channel, ErrorCode::connection_lost);
  }
}

void Session::feed(std::string_view bytes) {
  heard_ += bytes.size();
  const ssize_t taken = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
  if (taken >= 0) return;
  fail(nghttp2_strerror(static_cast<int>(taken)),
       taken == NGHTTP2_ERR_FLOODED ? ErrorCode::enhance_your_calm : ErrorCode::protocol_error);
}

Session::Written Session::write() {
  for (int writes = 0; writes < kWritesMax; ++writes) {
    while (out_.size() < kOutBytesMax) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t made = nghttp2_session_mem_send(session_, &bytes);
      if (made < 0) return Written::failed;
      if (made == 0) break;
      out_.append(view(bytes, static_cast<std::size_t>(made)));
    }
    if (out_.empty()) return Written::all;
    const iovec parts[] = {net::part(out_.bytes())};
    const net::Io io = stream_.write(parts);
    if (io.blocked()) return Written::all;  // for now: the sleeper is woken
    if (!io.ok()) return Written::failed;
    out_.consume(io.bytes);
    sent_ += io.bytes;
  }
  return Written::some;
}

/// A frame that brings nobody further. False where there were too many.
bool Session::spare_frame() {
  if (guard_.idle_frame(sleeper_.loop().now())) return true;
  fail("more frames than a connection needs, and no requests in them",
       ErrorCode::enhance_your_calm);
  return false;
}

/// The peer is told, as far as it listens, and nothing of it is taken any more.
void Session::fail(std::string why, ErrorCode code) {
  if (broken_) return;
  broken_ = true;
  why_over_ = std::move(why);
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(code));
}

// ── Streams. ──

void Session::adopt(Channel& channel, std::int32_t id) {
  channel.session_ = this;
  channel.id_ = id;
  if (!channel.left_) ++served_;
  channel.begun_ = sleeper_.loop().now();
  channel.before_ = nullptr;
  channel.after_ = std::exchange(channels_, &channel);
  if (channel.after_) channel.after_->before_ = &channel;
  nghttp2_session_set_stream_user_data(session_, id, &channel);
}

void Session::unlink(Channel& channel) {
  (channel.before_ ? channel.before_->after_ : channels_) = channel.after_;
  if (channel.after_) channel.after_->before_ = channel.before_;
  nghttp2_session_set_stream_user_data(session_, channel.id_, nullptr);
  channel.session_ = nullptr;
  if (!channel.left_) --served_;
}

void Session::forget(Channel& channel, ErrorCode why) {
  unlink(channel);
  channel.on_closed(why);
}

/// The channel ends with its stream under way.
void Session::leave(Channel& channel) {
  const bool heard = options_.role == Role::server ||
                     nghttp2_session_get_stream_remote_close(session_, channel.id_) == 1;
  const bool answered = heard && channel.outgoing_.whole;
  if (!answered) {
    return reset(channel,
                 options_.role == Role::server ? ErrorCode::internal_error : ErrorCode::cancel);
  }
  std::erase_if(remainders_, [](const auto& one) { return one->over; });
  Remainder& rest =
      *remainders_.emplace_back(std::make_unique<Remainder>(std::move(channel.outgoing_)));
  unlink(channel);
  adopt(rest, channel.id_);
}

void Session::reset(Channel& channel, ErrorCode why) {
  const std::int32_t id = channel.id_;
  unlink(channel);
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(why));
  sleeper_.wake();
}

bool Session::open(Channel& channel, std::span<const Field> head, bool last) {
  assert(options_.role == Role::client);
  if (broken_ || goes_ || peer_goes_) return false;
  const std::vector<nghttp2_nv> fields = nghttp2_fields(head);
  const nghttp2_data_provider body{{}, Callbacks::data_asked};
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                                 last ? nullptr : &body, &channel);
  if (id < 0) return false;
  ++streams_;
  channel.outgoing_.whole = last;
  adopt(channel, id);
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
  const std::vector<nghttp2_nv> fields = nghttp2_fields(head);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, channel.id_, nullptr, fields.data(),
                         fields.size(), nullptr);
  sleeper_.wake();
}

void Session::send_response(Channel& channel, std::span<const Field> head, bool last) {
  const std::vector<nghttp2_nv> fields = nghttp2_fields(head);
  const nghttp2_data_provider body{{}, Callbacks::data_asked};
  channel.outgoing_.whole = last;
  nghttp2_submit_response(session_, channel.id_, fields.data(), fields.size(),
                          last ? nullptr : &body);
  sleeper_.wake();
}

void Session::more(Channel& channel) {
  nghttp2_session_resume_data(session_, channel.id_);  // an error says that it needs no resuming
  sleeper_.wake();
}

void Session::took(Channel& channel, std::size_t bytes) {
  nghttp2_session_consume_stream(session_, channel.id_, bytes);
  if (nghttp2_session_want_write(session_) != 0) sleeper_.wake();
}

void Session::go_away(bool at_once) {
  if (at_once || options_.role == Role::client) return begin_no_more();
  if (goes()) return;
  last_call_ends_ = base::after(sleeper_.loop().now(), kLastCall);
  nghttp2_submit_shutdown_notice(session_);
  ping();
}

void Session::begin_no_more() {
  last_call_ends_ = base::kNever;
  if (std::exchange(goes_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  sleeper_.wake();
}

void Session::close(ErrorCode why) {
  broken_ = goes_ = true;
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(why));
  sleeper_.wake();
}

void Session::ping() {
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  sleeper_.wake();
}

std::size_t Session::places() const {
  const std::size_t most =
      nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return most - std::min(most, streams_);
}

bool Session::takes_connect_protocol() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) !=
         0;
}

}  // namespace bearer::wire::h2
