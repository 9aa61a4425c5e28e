#include "tests/support/raw_message.h"

#include <charconv>

namespace bearer::test {
namespace {

std::size_t number(std::string_view digits, int base) {
  std::size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

RawMessage parse_head(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  RawMessage message;
  message.start_line = head.substr(0, line_end);
  message.fields = head.substr(line_end + 2, head.size() - line_end - 4);
  return message;
}

/// From is a socket, or bytes that are there: both give lines and counts of bytes.
template <typename From>
void read_body(From& from, RawMessage& message) {
  if (!message.has("Transfer-Encoding: chunked")) {
    message.body = from.read_bytes(number(message.value("Content-Length"), 10));
    return;
  }
  while (const std::size_t size = number(from.read_until("\r\n"), 16)) {
    message.body += from.read_bytes(size);
    from.read_bytes(2);
  }
  for (std::string line; line != "\r\n"; line = from.read_until("\r\n")) message.trailers += line;
}

/// Throws where a RawSocket would wait.
struct Bytes {
  struct Missing {};

  std::string read_until(std::string_view mark) {
    const std::size_t found = all.find(mark, at);
    if (found == std::string_view::npos) throw Missing();
    return read_bytes(found + mark.size() - at);
  }
  std::string read_bytes(std::size_t count) {
    if (all.size() - at < count) throw Missing();
    at += count;
    return std::string(all.substr(at - count, count));
  }

  std::string_view all;
  std::size_t at = 0;
};

std::string head(std::string_view start_line, std::string_view more) {
  return std::string(start_line) + "\r\nHost: localhost\r\n" + std::string(more);
}

std::string length_of(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace

int RawMessage::status() const {
  return start_line.starts_with("HTTP/1.1 ") ? std::stoi(start_line.substr(9, 3)) : 0;
}

std::string RawMessage::value(std::string_view name) const {
  const std::string mark = "\r\n" + std::string(name) + ": ";
  const std::string lines = "\r\n" + fields;
  const std::size_t at = lines.find(mark);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + mark.size();
  return lines.substr(begin, lines.find("\r\n", begin) - begin);
}

bool RawMessage::has(std::string_view line) const {
  return ("\r\n" + fields).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

RawMessage read_head(RawSocket& socket) {
  return parse_head(socket.read_until("\r\n\r\n"));
}

RawMessage read_message(RawSocket& socket) {
  RawMessage message = read_head(socket);
  read_body(socket, message);
  return message;
}

std::optional<RawMessage> take_message(std::string& bytes) {
  Bytes from{bytes};
  try {
    RawMessage message = parse_head(from.read_until("\r\n\r\n"));
    read_body(from, message);
    bytes.erase(0, from.at);
    return message;
  } catch (const Bytes::Missing&) {
    return std::nullopt;
  }
}

RawMessage ask(RawSocket& socket, std::string_view request) {
  socket.send(request);
  return read_message(socket);
}

std::string get(std::string_view target, std::string_view more) {
  return head("GET " + std::string(target) + " HTTP/1.1", more) + "\r\n";
}

std::string post(std::string_view body, std::string_view more) {
  return head("POST / HTTP/1.1", more) + length_of(body);
}

std::string post_chunked(std::string_view body, std::string_view more) {
  return head("POST / HTTP/1.1", more) + "Transfer-Encoding: chunked\r\n\r\n" +
         (body.empty() ? "" : chunk(body)) + chunk("");
}

std::string answer(std::string_view status, std::string_view body, std::string_view more) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(more) + length_of(body);
}

std::string chunk(std::string_view data) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, data.size(), 16).ptr;
  return std::string(digits, end) + "\r\n" + std::string(data) + "\r\n";
}

}  // namespace bearer::test
