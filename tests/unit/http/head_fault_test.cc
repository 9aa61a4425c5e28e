#include "http/head_fault.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace bearer::http;

TEST_CASE("every fault has a sentence of its own") {
  std::set<std::string> sentences;
  const int last = static_cast<int>(HeadFault::host_malformed);
  for (int fault = 0; fault <= last; ++fault) {
    CAPTURE(fault);
    const std::string text(sentence(static_cast<HeadFault>(fault)));
    CHECK_FALSE(text.empty());
    CHECK(sentences.insert(text).second);
  }
}

TEST_CASE("a malformed request is a 400, one too large a 431, one with a foreign coding a 501") {
  CHECK(reply_status(HeadFault::target_malformed) == 400);
  CHECK(reply_status(HeadFault::version_unsupported) == 400);
  CHECK(reply_status(HeadFault::length_and_coding) == 400);
  CHECK(reply_status(HeadFault::host_missing) == 400);
  CHECK(reply_status(HeadFault::start_line_too_long) == 414);
  CHECK(reply_status(HeadFault::head_too_large) == 431);
  CHECK(reply_status(HeadFault::fields_too_many) == 431);
  CHECK(reply_status(HeadFault::options_too_many) == 431);
  CHECK(reply_status(HeadFault::coding_unsupported) == 501);
}

TEST_CASE("a fault names the line, the field and the byte") {
  struct Case {
    HeadFault fault;
    std::string head, place;
  };
  const Case cases[] = {
      {HeadFault::value_malformed, "GET / HTTP/1.1\r\nHost: a\r\nX-Trace: a\x01z\r\n\r\n",
       ": line 3, X-Trace, byte 0x01"},
      {HeadFault::space_before_colon, "HTTP/1.1 200 OK\r\nX-Odd : 1\r\n\r\n", ": line 2, X-Odd"},
      {HeadFault::field_name_malformed, "GET / HTTP/1.1\r\nX(y): 1\r\n\r\n",
       ": line 2, X(y), byte 0x28"},
      {HeadFault::field_name_malformed,
       "GET / HTTP/1.1\r\nAuthorization: Bearer\r\ngwp_Zk3j8sYq1\r\n\r\n",  // broken into lines
       ": line 3"},
      {HeadFault::space_before_colon,
       "HTTP/1.1 200 OK\r\ngwp_Zk3j8sYq1aaaabbbbccccdddd : 1\r\n\r\n", ": line 2"},
      {HeadFault::line_folding, "GET / HTTP/1.1\r\nA: 1\r\n b\r\n\r\n", ": line 3"},
      {HeadFault::target_byte_invalid, "GET /\xe9t\x07 HTTP/1.1\r\n\r\n", ": line 1, byte 0x07"},
      {HeadFault::line_end_malformed, "GET / HTTP/1.1\r\nA: 1\rB: 2\r\n\r\n", ": line 2, A"},
      {HeadFault::no_head, "GET /x HTTP/1.0\n\n", ": line 1"},
      {HeadFault::no_head, "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", ": line 2, Host"},
      {HeadFault::no_head, std::string("\0\x02", 2), ": it begins with the byte 0x00"},
      {HeadFault::length_malformed, "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", ""},
      {HeadFault::no_head, "\r\nHTTP/1.1 200 OK\r\nX: 1\r\n\r\n", ": it begins with an empty line"},
      {HeadFault::coding_malformed, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q\r\n\r\n", ""},
      {HeadFault::host_missing, "", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.head);
    const bool line_feed_alone = c.fault == HeadFault::no_head && c.head.starts_with("GET");
    const HeadFault said = line_feed_alone ? HeadFault::line_end_malformed : c.fault;
    CHECK(sentence(c.fault, c.head) == std::string(sentence(said)) + c.place);
  }
}

TEST_CASE("a coding that is given twice is told as that") {
  const std::string line = "Transfer-Encoding: chunked\r\n";
  const std::string head = "HTTP/1.1 200 OK\r\n" + line + "X: 1\r\ntransfer-ENCODING: gzip\r\n\r\n";
  CHECK(sentence(HeadFault::coding_malformed, head) == "Transfer-Encoding is given more than once");
}

TEST_CASE("another protocol on a port of plain HTTP/1 is named") {
  CHECK(sentence(HeadFault::no_head, "\x16\x03\x01\x02").find("TLS handshake") !=
        std::string::npos);
  CHECK(sentence(HeadFault::no_head, "\x16\x03\x01\x02").find("use http://") != std::string::npos);
  CHECK(sentence(HeadFault::no_head, "\x15\x03\x03").find("want https?") != std::string::npos);
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  CHECK(sentence(HeadFault::version_unsupported, preface).find("HTTP/2") != std::string::npos);
  CHECK(sentence(HeadFault::version_unsupported, "GET / HTTP/3.0\r\n\r\n") ==
        sentence(HeadFault::version_unsupported));
}

TEST_CASE("nothing but printable ASCII of the peer's is in a fault's sentence") {
  std::string head = "GET / HTTP/1.1\r\n";
  head += std::string(200, 'x') + "\x1b[31m\xff: \x02\r\n\r\n";
  for (int fault = 1; fault <= static_cast<int>(HeadFault::host_malformed); ++fault) {
    const std::string text = sentence(static_cast<HeadFault>(fault), head);
    CHECK(text.size() < 200);
    for (const char c : text) CHECK((c >= ' ' && c <= '~'));
  }
}
