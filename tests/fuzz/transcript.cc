#include "tests/fuzz/transcript.h"

#include "http/body_reader.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"

namespace bearer::fuzz {
namespace {

using http::BodyReader;
using http::HeadFault;
using http::HeadScanner;

/// Cuts a head off `bytes`; empty where there is none, and what that means is told by `sound`.
std::string take_head(std::string_view& bytes, HeadScanner::Kind kind, bool& sound) {
  if (bytes.empty()) return {};
  HeadScanner scanner(kind);
  const HeadScanner::Status status = scanner.feed(bytes);
  sound = status == HeadScanner::Status::complete || status == HeadScanner::Status::incomplete;
  if (status != HeadScanner::Status::complete) return {};
  const std::string head(bytes.substr(scanner.begin(), scanner.length()));
  bytes.remove_prefix(scanner.begin() + scanner.length());
  return head;
}

/// Cuts a body off `bytes`; false if it is malformed.
bool take_body(std::string_view& bytes, const http::Framing& framing, bool ended,
               Message& message) {
  BodyReader reader(framing);
  while (!reader.done() && !bytes.empty()) {
    const BodyReader::Step step = reader.next(bytes);
    message.body += step.data;
    if (step.status == BodyReader::Status::malformed) return false;
    bytes.remove_prefix(step.consumed);
  }
  message.whole = reader.done() || (ended && reader.at_eof());
  return true;
}

}  // namespace

Transcript requests_in(std::string_view bytes, bool tunnel) {
  Transcript transcript;
  while (transcript.sound) {
    Message message;
    message.head = take_head(bytes, HeadScanner::Kind::request, transcript.sound);
    if (message.head.empty()) break;
    http::RequestHead head;
    http::Framing framing;
    transcript.sound = http::parse_request_head(message.head, head) == HeadFault::none &&
                       http::request_framing(head, framing) == HeadFault::none;
    if (!transcript.sound) break;
    message.method = head.method;
    message.method_text = head.method_text;
    message.target = head.target;
    transcript.sound = take_body(bytes, framing, /*ended=*/false, message);
    const bool last = !message.whole || (tunnel && head.fields.has(http::FieldName::upgrade));
    transcript.messages.push_back(std::move(message));
    if (last) break;
  }
  return transcript;
}

Transcript responses_in(std::string_view bytes, const std::vector<Message>& requests, bool ended) {
  Transcript transcript;
  while (transcript.sound) {
    Message message;
    message.head = take_head(bytes, HeadScanner::Kind::response, transcript.sound);
    if (message.head.empty()) break;
    const std::size_t index = transcript.messages.size();
    const http::Method method =
        index < requests.size() ? requests[index].method : http::Method::get;
    http::ResponseHead head;
    http::Framing framing;
    transcript.sound = http::parse_response_head(message.head, head) == HeadFault::none &&
                       http::response_framing(head, method, framing) == HeadFault::none;
    if (!transcript.sound) break;
    if (head.status < 200 && head.status != 101) continue;
    message.status = head.status;
    transcript.sound = take_body(bytes, framing, ended, message);
    const bool last = !message.whole || head.status == 101;
    transcript.messages.push_back(std::move(message));
    if (last) break;
  }
  return transcript;
}

}  // namespace bearer::fuzz
