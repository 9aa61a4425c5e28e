#include "http/fields.h"

#include <doctest/doctest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/head_parser.h"

using namespace bearer::http;
using namespace std::string_view_literals;

namespace {

const std::vector<std::pair<std::string, FieldName>> kNames{
    {"Authorization", FieldName::authorization},
    {"Connection", FieldName::connection},
    {"Content-Length", FieldName::content_length},
    {"Content-Location", FieldName::content_location},
    {"Content_Length", FieldName::framing_lookalike},
    {"Transfer_Encoding", FieldName::framing_lookalike},
    {"Content-Type", FieldName::content_type},
    {"Date", FieldName::date},
    {"Expect", FieldName::expect},
    {"Host", FieldName::host},
    {"Idempotency-Key", FieldName::idempotency_key},
    {"X-Idempotency-KEY", FieldName::idempotency_key},
    {"PayPal-Request-Id", FieldName::idempotency_key},
    {"Repeatability-Request-ID", FieldName::idempotency_key},
    {"inin-ratelimit-allowed", FieldName::hint},
    {"inin-ratelimit-count", FieldName::hint},
    {"inin-ratelimit-reset", FieldName::hint},
    {"Keep-Alive", FieldName::keep_alive},
    {"Link", FieldName::link},
    {"Location", FieldName::location},
    {"Origin", FieldName::origin},
    {"Prefer", FieldName::prefer},
    {"Proxy-Authenticate", FieldName::proxy_authenticate},
    {"Proxy-Authentication-Info", FieldName::proxy_authentication_info},
    {"Proxy-Authorization", FieldName::proxy_authorization},
    {"Proxy-Connection", FieldName::proxy_connection},
    {"Proxy-Status", FieldName::proxy_status},
    {"RateLimit", FieldName::rate_limit},
    {"RateLimit-Limit", FieldName::hint},
    {"RateLimit-Policy", FieldName::rate_limit_policy},
    {"RateLimit-Remaining", FieldName::hint},
    {"RateLimit-Reset", FieldName::hint},
    {"Referer", FieldName::referer},
    {"Refresh", FieldName::refresh},
    {"Retry-After", FieldName::retry_after},
    {"Sec-Fetch-Site", FieldName::sec_fetch_site},
    {"Server", FieldName::server},
    {"Set-Cookie", FieldName::set_cookie},
    {"TE", FieldName::te},
    {"Trailer", FieldName::trailer},
    {"Transfer-Encoding", FieldName::transfer_encoding},
    {"Upgrade", FieldName::upgrade},
    {"Via", FieldName::via},
    {"WWW-Authenticate", FieldName::www_authenticate},
    {"X-Rate-Limit-Limit", FieldName::hint},
    {"X-Rate-Limit-Remaining", FieldName::hint},
    {"X-Rate-Limit-Reset", FieldName::hint},
    {"X-RateLimit-Limit", FieldName::hint},
    {"X-RateLimit-Remaining", FieldName::hint},
    {"X-RateLimit-Reset", FieldName::hint},
};

}  // namespace

TEST_CASE("a field name is known in any case, and by the whole of it") {
  for (const auto& [name, id] : kNames) {
    CAPTURE(name);
    CHECK(field_name(name) == id);
    std::string upper, lower;
    for (const char c : name) {
      upper += static_cast<char>(std::toupper(c));
      lower += static_cast<char>(std::tolower(c));
    }
    CHECK(field_name(upper) == id);
    CHECK(field_name(lower) == id);
    CHECK(field_name(name + "x") == FieldName::other);
    CHECK(field_name(name.substr(1)) == FieldName::other);
    CHECK(field_name(name.substr(0, name.size() - 1)) == FieldName::other);
  }
  for (const char* name : {"", "x", "X-Custom", "Hose", "Content.Length", "User-Agent"}) {
    CAPTURE(name);
    CHECK(field_name(name) == FieldName::other);
  }
  CHECK(field_name(std::string(70'000, 'a')) == FieldName::other);
}

TEST_CASE("fields keep their order, and those of one name are found and counted") {
  FieldList fields;
  CHECK(fields.empty());
  CHECK(fields.find(FieldName::via) == nullptr);
  fields.push({"X-One", "1", FieldName::other});
  fields.push({"via", "a", FieldName::via});
  fields.push({"Via", "b", FieldName::via});

  CHECK(fields.size() == 3);
  CHECK(fields.begin()[0].name == "X-One");
  CHECK(fields.begin()[2].value == "b");
  CHECK(fields.end() - fields.begin() == 3);
  CHECK(fields.has(FieldName::via));
  CHECK(fields.find(FieldName::via) == fields.begin() + 1);
  CHECK(fields.value(FieldName::via) == "a");
  CHECK(fields.count(FieldName::via) == 2);
  CHECK_FALSE(fields.has(FieldName::host));
  CHECK(fields.count(FieldName::host) == 0);
  CHECK(fields.value(FieldName::host).empty());
}

TEST_CASE("lines are copied as they came, or as they are written, without those left out") {
  const std::string lines = "A: 1\r\nB: 2\r\nC: 3\r\nD:  4\r\nE: \r\nF: 6\r\nG: 7 \r\n";
  FieldList fields;
  REQUIRE(parse_field_lines(lines, fields) == HeadFault::none);
  std::string out = "GET / HTTP/1.1\r\n";
  LineCopier copier(out);
  for (const Field& field : fields) {
    if (field.name != "B") copier.copy(field, field.name == "F" ? "six" : field.value);
  }
  copier.finish();
  CHECK(out == "GET / HTTP/1.1\r\nA: 1\r\nC: 3\r\nD: 4\r\nE: \r\nF: six\r\nG: 7\r\n");
}

TEST_CASE("a value that ends earlier than it came is written, though it begins in its place") {
  FieldList fields;
  const std::string line = "Name: value\r\n";
  REQUIRE(parse_field_lines(line, fields) == HeadFault::none);
  std::string out;
  LineCopier copier(out);
  copier.copy(*fields.begin(), fields.begin()->value.substr(0, 3));
  copier.finish();
  CHECK(out == "Name: val\r\n");
}

TEST_CASE("a cleared list remembers nothing") {
  FieldList fields;
  while (!fields.full()) fields.push({"Host", "a", FieldName::host});
  CHECK(fields.size() == kFieldsMax);
  fields.limit(3);
  CHECK(fields.full());
  fields.clear();
  CHECK(fields.empty());
  CHECK_FALSE(fields.full());
  CHECK_FALSE(fields.has(FieldName::host));
  CHECK(fields.find(FieldName::host) == nullptr);
}

TEST_CASE("a list takes as many fields as its limit says") {
  FieldList fields(2);
  fields.push({"A", "1", FieldName::other});
  CHECK_FALSE(fields.full());
  fields.push({"B", "2", FieldName::other});
  CHECK(fields.full());
  fields.limit(1000);
  while (!fields.full()) fields.push({"C", "3", FieldName::other});
  CHECK(fields.size() == 1000);
  CHECK(fields.begin()[1].name == "B");
  CHECK_FALSE(FieldList(FieldList::kNoLimit).full());
}

TEST_CASE("a line is a name, a colon and a value without the blanks around it") {
  struct Case {
    std::string_view line, name, value;
  };
  for (const Case& c :
       {Case{"X-Api-Key: a1b2", "X-Api-Key", "a1b2"}, Case{"X-Api-Key:a1b2", "X-Api-Key", "a1b2"},
        Case{"  A:\t b: c \r", "A", "b: c"}, Case{"Accept: a, b;q=0.5", "Accept", "a, b;q=0.5"},
        Case{"Empty:", "Empty", ""}, Case{"City: K\xc3\xb6ln", "City", "K\xc3\xb6ln"}}) {
    CAPTURE(c.line);
    const auto field = read_written_field(c.line);
    CHECK(field.wrong == "");
    CHECK(field.name == c.name);
    CHECK(field.value == c.value);
  }
}

TEST_CASE("what is no field is refused without a word of its value") {
  for (const std::string_view line :
       {"s3cret"sv, ": s3cret"sv, "A b: s3cret"sv, "A : s3cret"sv, ""sv, "K\xc3\xb6ln: s3cret"sv,
        "A: s3cret\rB: c"sv, "A: s3cret\nB: c"sv, "A: s3\0cret"sv, "A: s3cret\x7f"sv,
        "A\r\nB: s3cret"sv}) {
    CAPTURE(line);
    const auto field = read_written_field(line);
    CHECK(field.wrong != "");
    CHECK(field.wrong.find("cret") == std::string::npos);
  }
}

TEST_CASE("blank lines and comments say nothing") {
  const auto lines = written_lines("\n \t\n\r\n# X-Api-Key: old\n  #\nA: #\r\nB: 2");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == 6);
  CHECK(read_written_field(lines[0].text).value == "#");
  CHECK(lines[1].text == "B: 2");
  CHECK(written_lines("").empty());
  const auto marked = written_lines("\xef\xbb\xbfX-Key: \xef\xbb\xbf\n\xef\xbb\xbfY: 3");
  REQUIRE(marked.size() == 2);
  CHECK(marked[0].text == "X-Key: \xef\xbb\xbf");
  CHECK(marked[1].text == "\xef\xbb\xbfY: 3");  // a mark stands at the beginning alone
  CHECK(written_lines("\xef\xbb\xbf").empty());
}
