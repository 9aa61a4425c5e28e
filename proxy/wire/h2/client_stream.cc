#include "wire/h2/client_stream.h"

#include <nghttp2/nghttp2.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "http/fields.h"
#include "http/head_scanner.h"
#include "http/message.h"
#include "wire/h2/client_connection.h"

namespace bearer::wire::h2 {
namespace {

// Heads are not subject to flow control. This much of interim heads is kept for a slow reader.
constexpr std::size_t kInterimBytesMax = 2 * http::kHeadBytesMax;

/// The proof that a server has read the key of a WebSocket's handshake (RFC 6455 section 4.2.2),
/// which HTTP/2 does not have.
std::string accept_of(std::string_view key) {
  const std::string proven = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(proven.data(), proven.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return base::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool may_have_body(int status) {
  return status != 204 && status != 304;
}

}  // namespace

ClientStream::ClientStream(std::shared_ptr<ClientConnection> connection)
    : TranslatedStream(MessageReader::Kind::request, ErrorCode::cancel),
      connection_(std::move(connection)) {
  assert(connection_->places() > 0);
  connection_->expect_stream();
}

ClientStream::~ClientStream() {
  if (!begun_) connection_->give_place_back();
  if (!session()) return;
  session()->leave(*this);  // before the connection may end with this object
}

bool ClientStream::send_head(MessageReader& reader) {
  const std::string_view line = reader.start_line();
  const std::string_view method = line.substr(0, line.find(' '));
  const std::string_view rest = line.substr(std::min(line.size(), method.size() + 1));
  tunnel_ = !reader.upgrade().empty();
  thread_local Fields head;
  head.assign({{":method", tunnel_ ? "CONNECT" : method},
               {":scheme", connection_->tls() ? "https" : "http"},
               {":authority", {}},
               {":path", rest.substr(0, rest.rfind(' '))}});
  if (tunnel_) head.push_back({":protocol", reader.upgrade()});
  for (const Field& field : reader.fields()) {
    if (field.name == "host") {
      head[2].value = field.value;
    } else if (tunnel_ && field.name == "sec-websocket-key") {
      websocket_accept_ = accept_of(field.value);
    } else if (!tunnel_ || field.name != "content-length") {  // a tunnel's bytes have none
      head.push_back(field);
    }
  }
  takes_trailers_ = reader.takes_trailers();
  if (takes_trailers_) head.push_back({"te", "trailers"});
  if (tunnel_) reader.anything_follows();
  to_head_ = method == "HEAD";
  begun_ = true;
  connection_->expect_stream_no_more();
  if (connection_->begin(*this, head, reader.bodiless())) return true;
  unprocessed_ = true;  // the server closes the connection, and has not seen this one
  return false;
}

void ClientStream::on_field(std::string_view name, std::string_view value) {
  if (!reads_head()) return on_trailer(name, value);
  if (name != ":status") {
    const bool length = name == "content-length";
    sized_ |= length;
    if (!length || !takes_trailers_) return append_line(name, value);
    length_.assign(value);  // whether it is forwarded depends on what follows
    return;
  }
  std::from_chars(value.data(), value.data() + value.size(), status_);
  tunnel_ = tunnel_ && status_ <= 200;
  const bool switched = tunnel_ && status_ == 200;
  // HTTP/2 has no reason phrases, and some clients need them.
  for (const std::string_view piece :
       {std::string_view("HTTP/1.1 "), switched ? std::string_view("101") : value,
        std::string_view(" "), http::reason_phrase(switched ? 101 : status_),
        std::string_view("\r\n")})
    incoming().append(piece);
  if (!switched) return;
  append_line("Connection", "Upgrade");
  append_line("Upgrade", "websocket");
  append_line("Sec-WebSocket-Accept", websocket_accept_);
}

void ClientStream::on_fields_end(bool last) {
  if (!reads_head()) return;
  answered_ = true;
  if (status_ < 200) {
    sized_ = false;
    length_.clear();
    incoming().append("\r\n");
    if (incoming().size() > kInterimBytesMax) give_up(ErrorCode::enhance_your_calm);
    return wake();
  }
  if (tunnel_) return end_head(Body::raw);
  const bool may_follow = !to_head_ && may_have_body(status_);
  // HTTP/1.1 has trailers only after chunks, so clients that take trailers get no length.
  const bool chunked = may_follow && !last && (!sized_ || takes_trailers_);
  if (!length_.empty() && !chunked) append_line("content-length", length_);
  if (!sized_ && may_follow && last) append_line("Content-Length", "0");
  end_head(chunked ? Body::chunked : Body::length);
}

void ClientStream::on_closed(ErrorCode why) {
  const bool asks_for_1_1 = why == ErrorCode::http_1_1_required;
  unprocessed_ = !answered_ && (why == ErrorCode::refused_stream || asks_for_1_1);
  TranslatedStream::on_closed(why);
}

std::optional<base::WallTime> ClientStream::certificate_ends() const {
  return connection_->certificate_ends();
}

std::string ClientStream::failure() const {
  const std::string& why = connection_->why_over();
  if (connection_->broke_rules()) return "the upstream does not keep to HTTP/2: " + why;
  if (!why.empty()) return why;
  if (malformed()) return "the response is not valid HTTP/2";
  const bool told = peer_closed() && closed_with() != ErrorCode::no_error &&
                    closed_with() != ErrorCode::connection_lost;
  if (!told) return {};
  return std::string("the upstream ended the stream: ") +
         nghttp2_http2_strerror(static_cast<std::uint32_t>(closed_with()));
}

}  // namespace bearer::wire::h2
