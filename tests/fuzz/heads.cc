#include "tests/fuzz/heads.h"

#include "base/text.h"
#include "http/chars.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using Status = http::HeadScanner::Status;

Found verdict(const http::HeadScanner& scanner, Status status, std::string_view bytes) {
  if (status != Status::complete) return {status, {}};
  return {status, bytes.substr(scanner.begin(), scanner.length()), scanner.odd()};
}

Found find_in_pieces(std::string_view bytes, http::HeadScanner::Kind kind) {
  http::HeadScanner scanner(kind);
  Pieces pieces(bytes);
  std::size_t come = 0;
  Status status = Status::incomplete;
  while (status == Status::incomplete && !pieces.empty()) {
    come += pieces.next().size();
    status = scanner.feed(bytes.substr(0, come));
  }
  return verdict(scanner, status, bytes);
}

}  // namespace

Found find_head(std::string_view bytes, http::HeadScanner::Kind kind) {
  if (bytes.empty()) return {};
  http::HeadScanner scanner(kind);
  const Status status = scanner.feed(bytes);
  const Found found = verdict(scanner, status, bytes);
  const Found in_pieces = find_in_pieces(bytes, kind);
  check(in_pieces.status == found.status, "a head in pieces has the same verdict");
  check(in_pieces.head.data() == found.head.data() && in_pieces.head == found.head,
        "a head in pieces is found in the same place");
  check(in_pieces.odd == found.odd, "a head in pieces is as odd as the whole");
  return found;
}

FieldLines::FieldLines(std::string_view lines) {
  while (!lines.empty()) bytes_.append(base::take_until(lines, '\n')).append("\r\n");
  well_formed_ = http::parse_field_lines(bytes_, fields_) == http::HeadFault::none;
}

std::string field_lines(const http::FieldList& fields) {
  std::string lines;
  for (const http::Field& field : fields) {
    lines.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return lines;
}

void check_plain_lines(std::string_view head) {
  std::size_t lines = 0;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    check(end != std::string_view::npos, "a head's last line ends with CRLF");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    check(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
          "no bare CR or LF and no NUL in a head");
    check(line.empty() == head.empty(), "the empty line ends the head");
    if (lines++ == 0 || line.empty()) continue;
    check(http::is_token(line.substr(0, line.find(':'))), "a field's name ends at its colon");
  }
  check(lines > 0, "a head is not empty");
}

void check_reply(const relay::LocalReply& reply) {
  const std::string text = relay::serialize(reply, {.close = true});
  const std::size_t end = text.find("\r\n\r\n") + 4;
  check_plain_lines(std::string_view(text).substr(0, end));
  http::ResponseHead head;
  check(http::parse_response_head(text.substr(0, end), head) == http::HeadFault::none,
        "our own answer is strict");
}

}  // namespace bearer::fuzz
