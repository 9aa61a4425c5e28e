#include "http/head_scanner.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer::http;
using Status = HeadScanner::Status;
using Kind = HeadScanner::Kind;

namespace {

struct Verdict {
  Status status;
  std::size_t begin = 0;
  std::size_t length = 0;  // 0 unless complete

  bool operator==(const Verdict&) const = default;
};

Verdict verdict(const HeadScanner& scanner, Status status) {
  return {status, scanner.begin(), status == Status::complete ? scanner.length() : 0};
}

Verdict scan_whole(std::string_view bytes, Kind kind) {
  HeadScanner scanner(kind);
  return verdict(scanner, scanner.feed(bytes));
}

/// In steps of `step` bytes, each time from another place in memory.
Verdict scan_in_steps(std::string_view bytes, Kind kind, std::size_t step) {
  HeadScanner scanner(kind);
  Status status = Status::incomplete;
  for (std::size_t size = 0; status == Status::incomplete && size < bytes.size();) {
    size = std::min(size + step, bytes.size());
    const std::string moved(bytes.substr(0, size));
    status = scanner.feed(moved);
  }
  return verdict(scanner, status);
}

/// The verdict, the same whole and in pieces.
Verdict scan(std::string_view bytes, Kind kind = Kind::request) {
  const Verdict whole = scan_whole(bytes, kind);
  // Byte by byte where that is cheap: every feed is given a copy of all that came before.
  CHECK(scan_in_steps(bytes, kind, bytes.size() < 2000 ? 1 : 997) == whole);
  return whole;
}

std::string request_line(std::size_t bytes) {
  const std::string begin = "GET /", end = " HTTP/1.1";
  return begin + std::string(bytes - begin.size() - end.size(), 'a') + end;
}

std::string head_of(std::size_t bytes) {
  const std::string begin = "GET / HTTP/1.1\r\nA: ", end = "\r\n\r\n";
  return begin + std::string(bytes - begin.size() - end.size(), 'a') + end;
}

}  // namespace

TEST_CASE("a head ends with its first blank line, whatever follows") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(scan(head) == Verdict{Status::complete, 0, head.size()});
  CHECK(scan(head + "body\n\n") == Verdict{Status::complete, 0, head.size()});
  CHECK(scan(head + head) == Verdict{Status::complete, 0, head.size()});
  CHECK(scan("G / HTTP/1.1\r\n\r\n") == Verdict{Status::complete, 0, 16});
  for (std::size_t size = 0; size < head.size(); ++size) {
    CAPTURE(size);
    CHECK(scan(head.substr(0, size)) == Verdict{Status::incomplete});
  }
}

TEST_CASE("one empty line ahead of a request is skipped, a second one is not") {
  CHECK(scan("\r\nG / H\r\n\r\nrest") == Verdict{Status::complete, 2, 9});
  CHECK(scan("\r").status == Status::incomplete);
  CHECK(scan("\r\n").status == Status::incomplete);
  CHECK(scan("\r\n\r\n").status == Status::malformed);
  CHECK(scan("\r\n\r\nG / H\r\n\r\n").status == Status::malformed);
  CHECK(scan("\rG / H\r\n\r\n").status == Status::malformed);
  CHECK(scan("\r\nHTTP/1.1 200 OK\r\n\r\n", Kind::response).status == Status::malformed);
}

TEST_CASE("a response's lines may end with LF alone, which makes it odd") {
  for (const std::string head :
       {"HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\n\n", "HTTP/1.1 200 OK\nA: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\n\n", "HTTP/1.1 200 OK\r\nA: b\n\r\n", "HTTP/\n\n"}) {
    CAPTURE(head);
    CHECK(scan(head, Kind::response) == Verdict{Status::complete, 0, head.size()});
    CHECK(scan(head + "\n\nbody", Kind::response) == Verdict{Status::complete, 0, head.size()});
    HeadScanner scanner(Kind::response);
    CHECK(scanner.feed(head) == Status::complete);
    CHECK(scanner.odd());
  }
  CHECK(scan("\nHTTP/1.1 200 OK\n\n", Kind::response).status == Status::malformed);
  CHECK(scan("HTTP/1.1 200 OK\r\r\n", Kind::response).status == Status::incomplete);
}

TEST_CASE("a response with a folded line is odd, one to the letter is not") {
  const auto odd = [](std::string_view head) {
    HeadScanner scanner(Kind::response);
    CHECK(scanner.feed(head) == Status::complete);
    const bool is = scanner.odd();
    scanner.reset();
    CHECK_FALSE(scanner.odd());
    return is;
  };
  CHECK(odd("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"));
  CHECK(odd("HTTP/1.1 200 OK\r\nA:\r\n\tc\r\n\r\n"));
  CHECK_FALSE(odd("HTTP/1.1 200 OK\r\nA: b c\r\nD:  e\r\n\r\n"));
  CHECK_FALSE(odd("HTTP/1.1 200 OK\r\n\r\n"));
}

TEST_CASE("a request's bare LF is malformed at once") {
  for (const char* bytes : {"\n", "GET / HTTP/1.1\n", "G / H\r\nHost: a\n", "G / H\r\n\n",
                            "G / H\r\nA: b\r\n\n", "G / H\r\nA: b\n\r\n\r\n", "G\n / H\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(scan(bytes).status == Status::malformed);
  }
}

TEST_CASE("what cannot begin a head is malformed at its first byte") {
  CHECK(scan("\x16\x03\x01").status == Status::malformed);  // TLS
  CHECK(scan(" GET / HTTP/1.1").status == Status::malformed);
  CHECK(scan(std::string_view("\0", 1)).status == Status::malformed);
  CHECK(scan("\r\n ").status == Status::malformed);
  CHECK(scan("\x80", Kind::response).status == Status::malformed);
}

TEST_CASE("a response that does not begin with the version is of another protocol, known at once") {
  for (const char* bytes : {"2", "+OK dovecot ready\r\n", "* OK IMAP4", "RFB 003.008\n", "HTT/",
                            "HTTX", "http/1.1 200 OK", "HELO", "ICY 200 OK\r\n\r\n", "H\n\n"}) {
    CAPTURE(bytes);
    CHECK(scan(bytes, Kind::response).status == Status::no_status_line);
  }
  for (const char* bytes : {"H", "HTTP", "HTTP/", "HTTP/1.1 2"}) {
    CAPTURE(bytes);
    CHECK(scan(bytes, Kind::response).status == Status::incomplete);
  }
  CHECK(HeadScanner::fault(Status::no_status_line) == HeadFault::status_line_malformed);
  CHECK(scan("HELO / HTTP/1.1\r\n\r\n").status == Status::complete);  // a request may
}

TEST_CASE("a request line may have 16 KiB, and is refused as soon as it is longer") {
  const std::string longest = request_line(kRequestLineBytesMax) + "\r\n";
  CHECK(scan(longest).status == Status::incomplete);
  CHECK(scan(longest + "\r\n") == Verdict{Status::complete, 0, longest.size() + 2});
  CHECK(scan("\r\n" + longest + "\r\n") == Verdict{Status::complete, 2, longest.size() + 2});
  const std::string longer = request_line(kRequestLineBytesMax + 1);
  CHECK(scan(longer).status == Status::incomplete);  // a CR would still be within the window
  CHECK(scan(longer + "\r\n").status == Status::line_too_long);
  CHECK(scan(std::string(100'000, 'a')).status == Status::line_too_long);
  CHECK(scan(std::string(100'000, 'a') + "\n").status == Status::line_too_long);
}

TEST_CASE("a head may have 64 KiB with its blank line, and is refused as soon as it is larger") {
  CHECK(scan(head_of(kHeadBytesMax)) == Verdict{Status::complete, 0, kHeadBytesMax});
  CHECK(scan(head_of(kHeadBytesMax) + "body") == Verdict{Status::complete, 0, kHeadBytesMax});
  CHECK(scan("\r\n" + head_of(kHeadBytesMax)) == Verdict{Status::complete, 2, kHeadBytesMax});
  CHECK(scan(head_of(kHeadBytesMax).substr(0, kHeadBytesMax - 1)).status == Status::incomplete);
  CHECK(scan(head_of(kHeadBytesMax + 1)).status == Status::too_large);
  CHECK(scan(head_of(kHeadBytesMax + 1).substr(0, kHeadBytesMax)).status == Status::too_large);
  CHECK(scan(head_of(1 << 20)).status == Status::too_large);
}

TEST_CASE("a scanner that was reset reads the next head") {
  HeadScanner scanner(Kind::request);
  CHECK(scanner.feed("\r\nG / H\r\n\r\n") == Status::complete);
  scanner.reset();
  CHECK(scanner.begin() == 0);
  CHECK(scanner.feed("G / H\r\nA: b\r\n\r\n") == Status::complete);
  CHECK(scanner.length() == 15);
}
