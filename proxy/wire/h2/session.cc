#include "wire/h2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <new>
#include <utility>

#include "http/head_scanner.h"
#include "wire/h2/message_reader.h"

namespace bearer::wire::h2 {
namespace {

constexpr std::size_t kReadBytes = 64u << 10;
// After this many reads, the loop's other connections have their turn.
constexpr int kReadsMax = 4;
// The time in which the peer has to acknowledge that we go away.
constexpr std::chrono::seconds kLastCall{1};
// A connection on which nothing has happened for this long gives memory back. Its next request
// takes some microseconds longer.
constexpr std::chrono::seconds kRestAfter{1};
// The connection's own window is given back at once, because each stream limits what is kept.
constexpr std::int32_t kConnectionWindowBytes = 1 << 20;

// With all that we add to a head. The library's own limit is about that of the heads that we take.
constexpr std::size_t kSentHeadBytesMax = 4 * http::kHeadBytesMax;

struct OptionsDelete {
  void operator()(nghttp2_option* options) const { nghttp2_option_del(options); }
};

using OwnedOptions = std::unique_ptr<nghttp2_option, OptionsDelete>;

// The library's other limits stay at their defaults: 8 CONTINUATION frames for a head, 1000 unsent
// acknowledgements, 32 settings in a frame.
OwnedOptions make_options(Session::Role role) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_send_header_block_length(made, kSentHeadBytesMax);
  // Frames of types that we do not know are ours to count.
  constexpr int kTypesMax = 256;
  for (int type = NGHTTP2_CONTINUATION + 1; type < kTypesMax; ++type) {
    nghttp2_option_set_user_recv_extension_type(made, static_cast<std::uint8_t>(type));
  }
  // Only the heads that wait are packed; a table is memory that an idle connection keeps.
  const bool server = role == Session::Role::server;
  if (server) nghttp2_option_set_max_deflate_dynamic_table_size(made, 0);
  return OwnedOptions(made);
}

const nghttp2_option* options_of(Session::Role role) {
  static const OwnedOptions server = make_options(Session::Role::server);
  static const OwnedOptions client = make_options(Session::Role::client);
  return (role == Session::Role::server ? server : client).get();
}

}  // namespace

// ── Channels. ──

Channel::~Channel() {
  if (session_) session_->leave(*this);
}

// ── The session. ──

Session::Session(net::Stream& stream, net::Sleeper& sleeper, Options options)
    : stream_(stream),
      sleeper_(sleeper),
      options_(std::move(options)),
      memory_(sends_tokens() ? SessionMemory::Use::wiped : SessionMemory::Use::server) {
  const bool server = options_.role == Role::server;
  assert(!server || options_.accept);
  const auto make = server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
  if (make(&session_, callbacks(), this, options_of(options_.role), memory_.functions()) != 0) {
    throw std::bad_alloc();
  }
  memory_.made();
  settle();
}

Session::~Session() {
  const bool client = options_.role == Role::client;
  const auto unsent = [&](const Channel& one) { return client && one.head_at_ >= written_; };
  // A server that broke the connection's rules did so in the head that was under way, or else in
  // what came while one stream was all that it had to answer. Of several it may be any.
  const Channel* at_fault = nullptr;
  if (client && !why_over_.empty()) {
    std::size_t sent = 0;
    for (const Channel* one = channels_; one; one = one->after_) {
      if (unsent(*one)) continue;
      ++sent;
      at_fault = one;
    }
    if (block_ || sent > 1) at_fault = block_;
  }
  while (channels_) {
    Channel& next = *channels_;
    forget(next, unsent(next)        ? ErrorCode::refused_stream
                 : &next == at_fault ? ErrorCode::malformed
                                     : ErrorCode::connection_lost);
  }
  nghttp2_session_del(library());
  wipe_output();
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
  // A peer that does not read gets no answers to its further frames.
  const auto full = [this] { return out_.size() >= kOutBytesMax; };
  bool unread = !ended_;
  for (int reads = 0; reads < kReadsMax && !broken_ && !ended_ && !full(); ++reads) {
    const net::Io io = stream_.read(scratch.first(std::min(scratch.size(), kReadBytes)));
    unread = !io.blocked();
    if (!unread) break;
    memory_.take_back();
    if (io.status == net::Io::Status::ended && options_.role == Role::server) {
      end_of_reading();
      unread = false;
      break;
    }
    if (!io.ok()) {
      if (options_.role == Role::client) make_output();  // says what the server did wrong before
      return Turn::over;
    }
    feed({scratch.data(), io.bytes});
  }
  if (memory_.away()) return Turn::wait;
  const base::Instant now = sleeper_.loop().now();
  if (now >= last_call_ends_) begin_no_more();
  const Written written = write();
  if (written == Written::failed || broken_) return Turn::over;
  if (ended_ && stream_.peer_left(now)) return Turn::over;
  const bool hears_no_more = ended_ ? streams_ == 0 : nghttp2_session_want_read(session_) == 0;
  const bool done = hears_no_more && nghttp2_session_want_write(session_) == 0 && out_.empty();
  if (done) return Turn::over;
  if ((unread && !full()) || written == Written::some) return Turn::again;
  rest(now);
  return Turn::wait;
}

/// Puts the library's memory away once nothing has happened for a while.
void Session::rest(base::Instant now) {
  const bool idle = options_.role == Role::server && streams_ == 0 && out_.empty() && !going_away();
  const bool moved = std::exchange(heard_before_, heard_) != heard_;
  const bool was_idle = std::exchange(idle_, idle);
  if (!idle) {
    rest_at_ = base::kNever;
  } else if (moved || !was_idle) {
    rest_at_ = base::after(now, kRestAfter);
  } else if (now >= rest_at_) {
    rest_at_ = base::kNever;
    memory_.put_away();
  }
}

nghttp2_session* Session::library() {
  memory_.take_back();
  return session_;
}

base::Instant Session::turn_at() const {
  const base::Instant at = std::min(last_call_ends_, rest_at_);
  return ended_ ? std::min(at, stream_.look_again()) : at;
}

/// Requests that are complete are still answered. The others will never be complete.
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
  const ssize_t taken = nghttp2_session_mem_recv(
      library(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) return;
  fail(nghttp2_strerror(static_cast<int>(taken)),
       taken == NGHTTP2_ERR_FLOODED ? ErrorCode::enhance_your_calm : ErrorCode::protocol_error);
}

/// A frame that advances nobody. False if there were too many.
bool Session::spare_frame() {
  if (guard_.idle_frame(sleeper_.loop().now())) return true;
  fail("more frames than a connection needs, and no requests in them",
       ErrorCode::enhance_your_calm);
  return false;
}

/// Tells the peer the error, if it still reads. Nothing is accepted from it any more.
void Session::fail(std::string why, ErrorCode code) {
  if (broken_) return;
  broken_ = true;
  why_over_ = std::move(why);
  nghttp2_session_terminate_session(library(), static_cast<std::uint32_t>(code));
}

// ── Streams. ──

void Session::adopt(Channel& channel, std::int32_t id) {
  channel.session_ = this;
  channel.id_ = id;
  ++served_;
  channel.begun_ = sleeper_.loop().now();
  channel.before_ = nullptr;
  channel.after_ = std::exchange(channels_, &channel);
  if (channel.after_) channel.after_->before_ = &channel;
}

void Session::unlink(Channel& channel) {
  (channel.before_ ? channel.before_->after_ : channels_) = channel.after_;
  if (channel.after_) channel.after_->before_ = channel.before_;
  if (block_ == &channel) block_ = nullptr;
  if (recent_ == &channel) recent_ = nullptr;
  channel.session_ = nullptr;
  --served_;
}

void Session::forget(Channel& channel, ErrorCode why) {
  nghttp2_session_set_stream_user_data(session_, channel.id_, nullptr);
  unlink(channel);
  channel.on_closed(why);
}

void Session::leave(Channel& channel) {
  const bool server = options_.role == Role::server;
  const bool heard = nghttp2_session_get_stream_remote_close(session_, channel.id_) == 1;
  if (heard && channel.outgoing_.sent) {  // the stream ends by itself
    nghttp2_session_set_stream_user_data(session_, channel.id_, nullptr);
    return unlink(channel);
  }
  // The client has the whole answer and still sends. This is no error (RFC 9113 section 8.1).
  const bool answered = server && channel.outgoing_.sent;
  reset(channel, answered ? ErrorCode::no_error
                 : server ? ErrorCode::internal_error
                          : ErrorCode::cancel);
}

void Session::reset(Channel& channel, ErrorCode why) {
  const std::int32_t id = channel.id_;
  nghttp2_session_set_stream_user_data(session_, id, nullptr);
  unlink(channel);
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(why));
  sleeper_.wake();
}

void Session::more(Channel& channel) {
  nghttp2_session_resume_data(session_, channel.id_);  // an error means that it need not be resumed
  // Mostly the end goes out at once, so that its writer need not wait for it.
  const Outgoing& outgoing = channel.outgoing_;
  while (outgoing.whole && !outgoing.sent && makes_at_once() && put_frame()) continue;
  sleeper_.wake();
}

void Session::took(Channel& channel, std::size_t bytes) {
  nghttp2_session_consume_stream(session_, channel.id_, bytes);
  if (nghttp2_session_want_write(session_) != 0) sleeper_.wake();
}

void Session::go_away(bool at_once) {
  if (at_once || options_.role == Role::client) return begin_no_more();
  if (going_away()) return;
  last_call_ends_ = base::after(sleeper_.loop().now(), kLastCall);
  nghttp2_submit_shutdown_notice(library());
  ping();
}

void Session::begin_no_more() {
  last_call_ends_ = base::kNever;
  if (std::exchange(going_away_, true)) return;
  nghttp2_session* const its = library();
  nghttp2_submit_goaway(its, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(its),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  sleeper_.wake();
}

void Session::close(ErrorCode why) {
  broken_ = going_away_ = true;
  nghttp2_session_terminate_session(library(), static_cast<std::uint32_t>(why));
  sleeper_.wake();
}

void Session::ping() {
  nghttp2_submit_ping(library(), NGHTTP2_FLAG_NONE, nullptr);
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
