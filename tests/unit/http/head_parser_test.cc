#include "http/head_parser.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/unit/http/exact_bytes.h"

using namespace bearer::http;
using namespace std::string_literals;

namespace {

struct Case {
  std::string text;
  HeadFault fault;
};

HeadFault request_fault(std::string_view text) {
  const ExactBytes bytes(text);
  RequestHead head;
  return parse_request_head(bytes, head);
}

HeadFault response_fault(std::string_view text) {
  const ExactBytes bytes(text);
  ResponseHead head;
  return parse_response_head(bytes, head);
}

HeadFault field_line_fault(std::string_view line) {
  return request_fault("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n");
}

}  // namespace

TEST_CASE("a request head is read into its parts, in its own order and spelling") {
  const ExactBytes bytes(
      "POST /a%2Fb/../c?d=e&f HTTP/1.1\r\n"
      "Host: api.example.com\r\n"
      "X-CUSTOM-header:no blank\r\n"
      "Empty:\r\n"
      "Blank: \t \r\n"
      "Padded: \t inner  blanks\tkept \t\r\n"
      "Latin: caf\xe9\r\n"
      "content-length: 5\r\n"
      "\r\n");
  RequestHead head;
  REQUIRE(parse_request_head(bytes, head) == HeadFault::none);
  CHECK(head.method == Method::post);
  CHECK(head.method_text == "POST");
  CHECK(head.target == "/a%2Fb/../c?d=e&f");
  CHECK(head.minor_version == 1);
  REQUIRE(head.fields.size() == 7);
  const Field* field = head.fields.begin();
  CHECK(field[0].name == "Host");
  CHECK(field[0].id == FieldName::host);
  CHECK(field[0].value == "api.example.com");
  CHECK(field[1].name == "X-CUSTOM-header");
  CHECK(field[1].value == "no blank");
  CHECK(field[1].id == FieldName::other);
  CHECK(field[2].value == "");
  CHECK(field[3].value == "");
  CHECK(field[4].value == "inner  blanks\tkept");
  CHECK(field[5].value == "caf\xe9");
  CHECK(field[6].id == FieldName::content_length);
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    CAPTURE(i);
    const bool plain = i == 0 || i > 4;  // one space behind the colon, and no blank at the end
    CHECK(field[i].plain == plain);
  }
  CHECK(field[0].line() == "Host: api.example.com\r\n");
}

TEST_CASE("a byte that may not be in a value is found wherever it stands") {
  const std::string text(20, 'v');
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const int c : {0x00, 0x01, 0x08, 0x0b, 0x1f, 0x7f}) {
      CAPTURE(at);
      CAPTURE(c);
      std::string value = text;
      value[at] = static_cast<char>(c);
      CHECK(field_line_fault("A: " + value) == HeadFault::value_malformed);
    }
    for (const int c : {0x09, 0x20, 0x7e, 0x80, 0xff}) {
      std::string value = text;
      value[at] = static_cast<char>(c);
      CHECK(field_line_fault("A: " + value) == HeadFault::none);
    }
  }
}

TEST_CASE("a head forgets the one that was read into it before") {
  RequestHead head;
  REQUIRE(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n", head) == HeadFault::none);
  REQUIRE(parse_request_head("PUT /b HTTP/1.0\r\n\r\n", head) == HeadFault::none);
  CHECK(head.method == Method::put);
  CHECK(head.target == "/b");
  CHECK(head.minor_version == 0);
  CHECK(head.fields.empty());
}

TEST_CASE("request lines: one method, one target, one version, one space between") {
  for (const auto& [line, fault] : {
           Case{"GET / HTTP/1.1", HeadFault::none},
           Case{"GET / HTTP/1.0", HeadFault::none},
           Case{"OPTIONS * HTTP/1.1", HeadFault::none},
           Case{"GET http://a/b HTTP/1.1", HeadFault::none},
           Case{"CONNECT a:443 HTTP/1.1", HeadFault::none},
           Case{"M!#$%&'*+-.^_`|~9 / HTTP/1.1", HeadFault::none},
           Case{"GET", HeadFault::method_malformed},
           Case{" GET / HTTP/1.1", HeadFault::method_malformed},
           Case{"GE(T / HTTP/1.1", HeadFault::method_malformed},
           Case{"GET\t/ HTTP/1.1", HeadFault::method_malformed},
           Case{"G\xc3\x89T / HTTP/1.1", HeadFault::method_malformed},
           Case{"GET ", HeadFault::request_line_malformed},
           Case{"GET /", HeadFault::request_line_malformed},
           Case{"GET / ", HeadFault::request_line_malformed},
           Case{"GET  / HTTP/1.1", HeadFault::request_line_malformed},
           Case{"GET /  HTTP/1.1", HeadFault::request_line_malformed},
           Case{"GET / HTTP/1.1 ", HeadFault::request_line_malformed},
           Case{"GET / HTTP/1.1\t", HeadFault::request_line_malformed},
           Case{"GET /a b HTTP/1.1", HeadFault::request_line_malformed},
           Case{"GET / http/1.1", HeadFault::request_line_malformed},
           Case{"GET / HTTP/1", HeadFault::request_line_malformed},
           Case{"GET / HTTP/1.", HeadFault::request_line_malformed},
           Case{"GET / HTTP/1.10", HeadFault::request_line_malformed},
           Case{"GET / HTTP/+1.1", HeadFault::request_line_malformed},
           Case{"GET / HTTP/2.0", HeadFault::version_unsupported},
           Case{"PRI * HTTP/2.0", HeadFault::version_unsupported},
           Case{"GET / HTTP/1.2", HeadFault::version_unsupported},
           Case{"GET / HTTP/0.9", HeadFault::version_unsupported},
           Case{"GET /a\tb HTTP/1.1", HeadFault::target_byte_invalid},
           Case{"GET /a\x7f HTTP/1.1", HeadFault::target_byte_invalid},
           Case{"GET /caf\xc3\xa9 HTTP/1.1", HeadFault::none},
           Case{"GET /\x80?q=\xff HTTP/1.1", HeadFault::none},
           Case{"GET /\xa0 x HTTP/1.1", HeadFault::request_line_malformed},
           Case{"GET /a\0b HTTP/1.1"s, HeadFault::target_byte_invalid},
           Case{"GET /a\x01 HTTP/1.1", HeadFault::target_byte_invalid},
           Case{"GET /a\rb HTTP/1.1", HeadFault::target_byte_invalid},
           Case{"GET /a\nb HTTP/1.1", HeadFault::target_byte_invalid},
       }) {
    CAPTURE(line);
    CHECK(request_fault(line + "\r\nHost: a\r\n\r\n") == fault);
    CHECK(request_fault(line + "\r\n\r\n") == fault);
  }
}

TEST_CASE("field lines: a token, a colon, a value without controls") {
  for (const auto& [line, fault] : {
           Case{"A: b", HeadFault::none},
           Case{"A:b", HeadFault::none},
           Case{"a!#$%&'*+-.^_`|~9: b", HeadFault::none},
           Case{"A: b\tc", HeadFault::none},
           Case{"A: \x80\xff", HeadFault::none},
           Case{"A: b:c", HeadFault::none},
           Case{"A : b", HeadFault::space_before_colon},
           Case{"A\t: b", HeadFault::space_before_colon},
           Case{"Transfer-Encoding : chunked", HeadFault::space_before_colon},
           Case{" A: b", HeadFault::line_folding},
           Case{"\tfolded", HeadFault::line_folding},
           Case{"A: b\r\n c", HeadFault::line_folding},
           Case{"A: b\r\n\tc", HeadFault::line_folding},
           Case{"A: b\r\n \r\nC: d", HeadFault::line_folding},
           Case{": b", HeadFault::field_name_malformed},
           Case{"A", HeadFault::field_name_malformed},
           Case{"A\xe9: b", HeadFault::field_name_malformed},
           Case{"A(: b", HeadFault::field_name_malformed},
           Case{"A\0: b"s, HeadFault::field_name_malformed},
           Case{"A\r: b", HeadFault::field_name_malformed},
           Case{"\r\nA: b", HeadFault::field_name_malformed},
           Case{"A: b\0c"s, HeadFault::value_malformed},
           Case{"A: \0"s, HeadFault::value_malformed},
           Case{"A: b\x7f", HeadFault::value_malformed},
           Case{"A: b\x01", HeadFault::value_malformed},
           Case{"A: b\vc", HeadFault::value_malformed},
           Case{"Transfer-Encoding: \vchunked", HeadFault::value_malformed},
           Case{"A: b\fc", HeadFault::value_malformed},
           Case{"A: b\rc", HeadFault::line_end_malformed},
           Case{"A: b\r", HeadFault::line_end_malformed},
           Case{"A: b\nC: d", HeadFault::line_end_malformed},
           Case{"A: b\n", HeadFault::line_end_malformed},
           Case{"A:\rb", HeadFault::line_end_malformed},
       }) {
    CAPTURE(line);
    CHECK(field_line_fault(line) == fault);
  }
}

TEST_CASE("a first field line that is folded is refused like any other") {
  CHECK(request_fault("GET / HTTP/1.1\r\n Host: a\r\n\r\n") == HeadFault::line_folding);
}

TEST_CASE("a response's head that is not to the letter, but has one reading, is unfolded") {
  struct Mending {
    std::string head, unfolded;
  };
  for (const auto& [head, unfolded] : {
           Mending{"HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"},
           Mending{"HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\n",
                   "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n"},
           Mending{"HTTP/1.1 200 OK\r\nA: b\r\n\t c \r\n d\r\nE: f\r\n\r\n",
                   "HTTP/1.1 200 OK\r\nA: b c d\r\nE: f\r\n\r\n"},
           Mending{"HTTP/1.1 200 OK\nA:\n b\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"},
           Mending{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"},
       }) {
    CAPTURE(head);
    CHECK(unfold_head(head) == unfolded);
    CHECK(unfold_head(unfolded) == unfolded);
    CHECK(response_fault(unfolded) == HeadFault::none);
  }
}

TEST_CASE("what is folded in two readings, or ends with CR, stays refused after the mending") {
  for (const auto& [lines, fault] : {
           Case{" A: b\r\n", HeadFault::line_folding},              // of the status line
           Case{"A: b\r\n \r\nC: d\r\n", HeadFault::line_folding},  // the head's end to some
           Case{"A: b\r\n\t\r\n", HeadFault::line_folding},
           Case{"Content-Length:\r\n 7\r\n", HeadFault::line_folding},
           Case{"content-length: 7\n\t7\n", HeadFault::line_folding},
           Case{"Transfer-Encoding: gzip,\r\n chunked\r\n", HeadFault::line_folding},
           Case{"A: b\r\n Transfer-Encoding: chunked\r\n", HeadFault::line_folding},
           Case{"A: b\n  Content-Length : 7\n", HeadFault::line_folding},
           Case{"A: b\rC: d\n", HeadFault::line_end_malformed},
           Case{"A: b\r\r\n", HeadFault::line_end_malformed},
           Case{"A: b\0c\n"s, HeadFault::value_malformed},
           Case{"A : b\n", HeadFault::space_before_colon},
       }) {
    CAPTURE(lines);
    CHECK(response_fault(unfold_head("HTTP/1.1 200 OK\r\n" + lines + "\r\n")) == fault);
  }
}

TEST_CASE("a head may have 1000 fields and no more, where no other limit is set") {
  std::string lines;
  for (std::size_t i = 0; i < kFieldsMax; ++i) lines += "A: b\r\n";
  CHECK(request_fault("GET / HTTP/1.1\r\n" + lines + "\r\n") == HeadFault::none);
  CHECK(request_fault("GET / HTTP/1.1\r\nX: y\r\n" + lines + "\r\n") == HeadFault::fields_too_many);
  CHECK(response_fault("HTTP/1.1 200 OK\r\nX: y\r\n" + lines + "\r\n") ==
        HeadFault::fields_too_many);
}

TEST_CASE("a head that is cut anywhere, or goes on after its blank line, is refused") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
  REQUIRE(request_fault(head) == HeadFault::none);
  for (std::size_t size = 0; size < head.size(); ++size) {
    CAPTURE(size);
    CHECK(request_fault(head.substr(0, size)) != HeadFault::none);
  }
  for (const char* more : {"x", "\n", "\r\n", "G / HTTP/1.1\r\n\r\n", "C: d\r\n\r\n"}) {
    CAPTURE(more);
    CHECK(request_fault(head + more) != HeadFault::none);
  }
  for (std::size_t size = 0; size < 19; ++size) {
    CHECK(response_fault("HTTP/1.1 200 OK\r\n\r\n"s.substr(0, size)) != HeadFault::none);
  }
}

TEST_CASE("whichever byte is put anywhere into a head, no control character gets through") {
  const std::string head = "GET /a HTTP/1.1\r\nHost: b\r\nC: d e\r\n\r\n";
  int accepted = 0;
  for (std::size_t at = 0; at < head.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string mutant = head;
      mutant[at] = static_cast<char>(byte);
      if (request_fault(mutant) != HeadFault::none) continue;
      ++accepted;
      const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; };
      CAPTURE(at);
      CAPTURE(byte);
      CHECK(std::ranges::count_if(mutant, is_control) == 8);  // the four line ends
    }
  }
  CHECK(accepted > 1000);
}

TEST_CASE("a response head is read into its parts") {
  const ExactBytes bytes(
      "HTTP/1.1 429 Too Many\tRequests \xe9\r\nRetry-After: 3\r\nDate: x\r\n\r\n");
  ResponseHead head;
  REQUIRE(parse_response_head(bytes, head) == HeadFault::none);
  CHECK(head.status == 429);
  CHECK(head.reason == "Too Many\tRequests \xe9");
  CHECK(head.minor_version == 1);
  CHECK(head.fields.size() == 2);
  CHECK(head.fields.value(FieldName::retry_after) == "3");
}

TEST_CASE("a status line may lack its reason, and the space before it") {
  for (const char* line : {"HTTP/1.0 200 ", "HTTP/1.0 200"}) {
    CAPTURE(line);
    const ExactBytes bytes(line + "\r\nA: b\r\n\r\n"s);
    ResponseHead head;
    REQUIRE(parse_response_head(bytes, head) == HeadFault::none);
    CHECK(head.status == 200);
    CHECK(head.reason == "");
    CHECK(head.minor_version == 0);
    CHECK(head.fields.size() == 1);
  }
}

TEST_CASE("status lines: a version, three digits from 100 to 999, a reason without controls") {
  for (const auto& [line, fault] : {
           Case{"HTTP/1.1 100 Continue", HeadFault::none},
           Case{"HTTP/1.1 599 x", HeadFault::none},
           Case{"HTTP/1.1 200  two spaces", HeadFault::none},
           Case{"HTTP/1.1 099 x", HeadFault::status_out_of_range},
           Case{"HTTP/1.1 000 x", HeadFault::status_out_of_range},
           Case{"HTTP/1.1 600 x", HeadFault::none},
           Case{"HTTP/1.1 999 x", HeadFault::none},
           Case{"HTTP/1.1 1000 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 2000 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 20 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 20", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 -20 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 2x0 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1  200 x", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 200\tx", HeadFault::status_line_malformed},
           Case{"HTTP/1.1\t200 x", HeadFault::version_unsupported},
           Case{"HTTP/1.2 200 x", HeadFault::version_unsupported},
           Case{"HTTP/2 200 x", HeadFault::version_unsupported},
           Case{"http/1.1 200 x", HeadFault::status_line_malformed},
           Case{"ICY 200 OK and more", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 200 a\0b"s, HeadFault::value_malformed},
           Case{"HTTP/1.1 200 a\x1b", HeadFault::value_malformed},
           Case{"HTTP/1.1 200 a\rb", HeadFault::line_end_malformed},
           Case{"HTTP/1.1 200\rb", HeadFault::status_line_malformed},
           Case{"HTTP/1.1 200 a\nb", HeadFault::line_end_malformed},
       }) {
    CAPTURE(line);
    CHECK(response_fault(line + "\r\nA: b\r\n\r\n") == fault);
    CHECK(response_fault(line + "\r\n\r\n") == fault);
  }
  CHECK(response_fault("HTTP/1.1 200 OK\r\nA : b\r\n\r\n") == HeadFault::space_before_colon);
}

TEST_CASE("field lines stand alone as a trailer section") {
  FieldList fields;
  CHECK(parse_field_lines("", fields) == HeadFault::none);
  CHECK(fields.empty());
  REQUIRE(parse_field_lines("A: b\r\nDate: c\r\n", fields) == HeadFault::none);
  CHECK(fields.size() == 2);
  CHECK(fields.value(FieldName::date) == "c");
  CHECK(parse_field_lines("A: b", fields) == HeadFault::line_end_malformed);
  CHECK(parse_field_lines("A: b\n", fields) == HeadFault::line_end_malformed);
  CHECK(parse_field_lines("A: b\r\n\r\n", fields) == HeadFault::field_name_malformed);
}

TEST_CASE("a head may have as many fields as the limit of its list") {
  const ExactBytes bytes("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n");
  ResponseHead head;
  head.fields.limit(2);
  CHECK(parse_response_head(bytes, head) == HeadFault::fields_too_many);
  head.fields.limit(3);
  CHECK(parse_response_head(bytes, head) == HeadFault::none);
  CHECK(head.fields.size() == 3);
}
