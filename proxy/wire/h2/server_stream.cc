#include "wire/h2/server_stream.h"

#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "http/fields.h"
#include "http/head_scanner.h"

namespace bearer::wire::h2 {
namespace {

/// A key for a WebSocket's handshake (RFC 6455 section 4.1), which HTTP/2 does not have.
std::string websocket_key() {
  return base::base64_encode(base::hex_decode(base::random_id()).value_or(""));
}

}  // namespace

struct ServerStream::Opening {
  std::string method, scheme, authority, path, protocol, cookie;
  std::string lines;  // of the head, from its first one on
  bool begun = false;
  bool sized = false;

  void add_line(std::string_view name, std::string_view value) {
    http::append_field_line(lines, name, value);
  }
  /// nghttp2 lets no other pseudo-fields pass.
  std::string& pseudo(std::string_view name) {
    if (name == ":method") return method;
    if (name == ":scheme") return scheme;
    if (name == ":authority") return authority;
    return name == ":path" ? path : protocol;
  }
};

std::vector<std::unique_ptr<ServerStream::Opening>>& ServerStream::spare_openings() {
  thread_local std::vector<std::unique_ptr<Opening>> spare;
  return spare;
}

std::unique_ptr<ServerStream::Opening, ServerStream::Close> ServerStream::open() {
  auto& spare = spare_openings();
  if (spare.empty()) return std::unique_ptr<Opening, Close>(new Opening);
  std::unique_ptr<Opening, Close> opening(spare.back().release());
  spare.pop_back();
  return opening;
}

void ServerStream::Close::operator()(Opening* opening) const {
  constexpr std::size_t kSpareMax = 16;
  constexpr std::size_t kBytesMax = 4u << 10;
  std::unique_ptr<Opening> ended(opening);
  if (spare_openings().size() == kSpareMax) return;
  std::size_t bytes = 0;
  for (std::string* text : {&ended->method, &ended->scheme, &ended->authority, &ended->path,
                            &ended->protocol, &ended->cookie, &ended->lines}) {
    text->clear();
    bytes += text->capacity();
  }
  if (bytes > kBytesMax) return;
  ended->begun = ended->sized = false;
  spare_openings().push_back(std::move(ended));
}

ServerStream::ServerStream()
    : TranslatedStream(MessageReader::Kind::response, ErrorCode::internal_error),
      opening_(open()) {}

// Gives back the window for bytes that nobody has read.
ServerStream::~ServerStream() {
  if (session() && !early_.empty()) session()->took(*this, early_.size());
}

void ServerStream::on_field(std::string_view name, std::string_view value) {
  if (!reads_head()) return on_trailer(name, value);
  if (name.starts_with(':')) {
    opening_->pseudo(name).assign(value);
    return;
  }
  if (!opening_->begun) begin_head();
  switch (http::field_name(name)) {
    case http::FieldName::host:
      if (value == opening_->authority) return;
      break;  // the reader of the head refuses a second one
    case http::FieldName::content_length: opening_->sized = true; break;
    default: break;
  }
  // We make the key.
  if (websocket_ && name == "sec-websocket-key") return;
  // HTTP/2 may split a Cookie field (RFC 9113 section 8.2.3).
  if (name == "cookie") {
    opening_->cookie.append(opening_->cookie.empty() ? "" : "; ").append(value);
    return;
  }
  opening_->add_line(name, value);
}

void ServerStream::begin_head() {
  opening_->begun = true;
  Opening& opening = *opening_;
  websocket_ = !opening.protocol.empty();
  to_head_ = opening.method == "HEAD";
  const bool tunnel = opening.method == "CONNECT" && !websocket_;
  const std::string_view method = websocket_ ? "GET" : std::string_view(opening.method);
  const std::string& target = tunnel ? opening.authority : opening.path;
  opening.lines.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  if (!opening.authority.empty()) opening.add_line("Host", opening.authority);
}

void ServerStream::on_fields_end(bool last) {
  if (!reads_head()) {
    if (cut()) give_up(ErrorCode::enhance_your_calm);
    return;
  }
  if (!opening_->begun) begin_head();
  const std::string& scheme = opening_->scheme;
  if (!scheme.empty() && scheme != "http" && scheme != "https") {
    return give_up(ErrorCode::protocol_error);
  }
  // A CONNECT has no body that could have a length (RFC 9110 section 9.3.6).
  if (websocket_ && opening_->sized) return give_up(ErrorCode::protocol_error);
  end_opening(last);
}

void ServerStream::end_opening(bool last) {
  Opening& opening = *opening_;
  // The parts of a Cookie field take less room joined than they did apart. The reader of the head
  // must find the head too large as well.
  if (cut()) opening.add_line("left-out", std::string(http::kHeadBytesMax, '.'));
  if (!opening.cookie.empty()) opening.add_line("cookie", opening.cookie);
  if (websocket_) {
    opening.add_line("Connection", "Upgrade");
    opening.add_line("Upgrade", opening.protocol);
    opening.add_line("Sec-WebSocket-Key", websocket_key());
  }
  const Body body = last            ? Body::none
                    : websocket_    ? Body::raw
                    : opening.sized ? Body::length
                                    : Body::chunked;
  incoming().fit(opening.lines.size() + kHeadEndBytes);
  incoming().append(opening.lines);
  opening_.reset();
  end_head(body);
}

// The bytes belong neither to a request nor to a body, whatever becomes of the CONNECT: nobody
// reads them before the 101.
void ServerStream::on_data(std::string_view data) {
  if (!waits_for_switch()) return TranslatedStream::on_data(data);
  early_.append(data);
}

bool ServerStream::send_head(MessageReader& reader) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  std::string_view status = reader.start_line().substr(kVersion.size(), 3);
  const bool switched = status == "101";
  if (switched && !websocket_) return false;
  if (switched) status = "200";
  switched_ = switched;
  thread_local Fields head;
  head.clear();
  head.push_back({":status", status});
  for (const Field& field : reader.fields()) {
    if (!switched || field.name != "sec-websocket-accept") head.push_back(field);
  }
  if (status.starts_with('1')) {
    const bool asks = status == "100" && !std::exchange(asked_, true);
    session()->send_interim(*this, head, asks);
    reader.another_head_follows();
    return true;
  }
  if (switched) {
    reader.anything_follows();
    TranslatedStream::on_data(early_.bytes());
    early_.clear();
  }
  if (to_head_ || status == "204" || status == "304") reader.no_body_follows();
  session()->send_response(*this, head, reader.bodiless());
  return true;
}

}  // namespace bearer::wire::h2
