#include "http/body_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/unit/http/exact_bytes.h"

using namespace bearer::http;
using namespace std::string_literals;
using Status = BodyReader::Status;
using Kind = Framing::Kind;

namespace {

constexpr Framing kChunked{Kind::chunked, 0};
constexpr Framing length(std::uint64_t bytes) {
  return {Kind::length, bytes};
}

struct Outcome {
  Status status = Status::more;
  std::string data;
  std::size_t consumed = 0;  // 0 if malformed: where a fault shows depends on how the bytes came
  std::string trailers;

  bool operator==(const Outcome&) const = default;
};

/// Offers `bytes` in pieces of at most `step`, each from a place of its own.
Outcome read_in_steps(const Framing& framing, std::string_view bytes, std::size_t step) {
  BodyReader reader(framing);
  Outcome outcome;
  if (reader.done()) outcome.status = Status::done;
  while (outcome.status == Status::more && !bytes.empty()) {
    const ExactBytes in(bytes.substr(0, step));
    const BodyReader::Step next = reader.next(in);
    outcome.data += next.data;
    outcome.consumed += next.consumed;
    outcome.status = next.status;
    if (next.status == Status::more) REQUIRE(next.consumed > 0);
    bytes.remove_prefix(next.consumed);
  }
  CHECK(reader.done() == (outcome.status == Status::done));
  if (outcome.status == Status::done) outcome.trailers = reader.trailers();
  if (outcome.status == Status::malformed) return {Status::malformed, "", 0, ""};
  return outcome;
}

/// The outcome, the same whole, byte by byte, and in pieces of some other sizes.
Outcome read(const Framing& framing, std::string_view bytes) {
  const Outcome whole = read_in_steps(framing, bytes, std::max<std::size_t>(bytes.size(), 1));
  for (const std::size_t step : {1u, 2u, 3u, 7u}) {
    CAPTURE(step);
    CHECK(read_in_steps(framing, bytes, step) == whole);
  }
  return whole;
}

/// A chunked body that is whole, alone and with the next message's bytes behind it.
void check_chunked(const std::string& body, const std::string& data,
                   const std::string& trailers = "") {
  CAPTURE(body);
  const Outcome expected{Status::done, data, body.size(), trailers};
  CHECK(read(kChunked, body) == expected);
  CHECK(read(kChunked, body + "GET / HTTP/1.1\r\n\r\n") == expected);
  CHECK(read(kChunked, body + "\r\n0\n") == expected);
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    CHECK(read(kChunked, body.substr(0, size)).status == Status::more);
  }
}

}  // namespace

TEST_CASE("a body without bytes is done before anything was read") {
  for (const Framing& framing : {Framing{Kind::none, 0}, length(0)}) {
    BodyReader reader(framing);
    CHECK(reader.done());
    CHECK(reader.remaining() == 0);
    const BodyReader::Step step = reader.next("next message");
    CHECK(step.status == Status::done);
    CHECK(step.consumed == 0);
    CHECK(step.data.empty());
  }
}

TEST_CASE("a body of known length ends with its last byte, and leaves what follows") {
  CHECK(read(length(5), "hello") == Outcome{Status::done, "hello", 5, ""});
  CHECK(read(length(5), "hello, world") == Outcome{Status::done, "hello", 5, ""});
  CHECK(read(length(5), "hell") == Outcome{Status::more, "hell", 4, ""});
}

TEST_CASE("a body of known length says how much is still to come") {
  BodyReader reader(length(9223372036854775807u));
  CHECK(reader.remaining() == 9223372036854775807u);
  CHECK(reader.next("12345").data == "12345");
  CHECK(reader.remaining() == 9223372036854775802u);
  CHECK_FALSE(BodyReader(kChunked).remaining().has_value());
  CHECK_FALSE(BodyReader({Kind::until_close, 0}).remaining().has_value());
}

TEST_CASE("data is a view of the bytes given, not a copy") {
  const std::string in = "5\r\nhello\r\n";
  BodyReader reader(kChunked);
  const BodyReader::Step step = reader.next(in);
  CHECK(step.data.data() == in.data() + 3);
  CHECK(step.consumed == in.size());
}

TEST_CASE("the stream's end completes only a body that goes on until it") {
  BodyReader until_close({Kind::until_close, 0});
  CHECK(until_close.next("abc").data == "abc");
  CHECK_FALSE(until_close.done());
  CHECK(until_close.at_eof());
  CHECK(until_close.done());

  BodyReader sized(length(2));
  CHECK_FALSE(sized.at_eof());
  CHECK(sized.next("a").status == Status::more);
  CHECK_FALSE(sized.at_eof());
  CHECK(sized.next("b").status == Status::done);
  CHECK(sized.at_eof());

  BodyReader chunked(kChunked);
  CHECK(chunked.next("1\r\na\r\n0\r\n").status == Status::more);
  CHECK_FALSE(chunked.at_eof());
  CHECK(chunked.next("\r\n").status == Status::done);
  CHECK(chunked.at_eof());

  BodyReader broken(kChunked);
  CHECK(broken.next("x").status == Status::malformed);
  CHECK_FALSE(broken.at_eof());
}

TEST_CASE("a chunked body is its chunks' data") {
  check_chunked("0\r\n\r\n", "");
  check_chunked("5\r\nhello\r\n0\r\n\r\n", "hello");
  check_chunked("1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef");
  check_chunked("A\r\n0123456789\r\n0\r\n\r\n", "0123456789");
  check_chunked("00a\r\n0123456789\r\n000\r\n\r\n", "0123456789");
  check_chunked("0000000000000001\r\na\r\n0000000000000000\r\n\r\n", "a");
  check_chunked("2\r\n\r\n\r\n0\r\n\r\n", "\r\n");
  check_chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n");
}

TEST_CASE("blanks behind a chunk's size are malformed, or odd where the reader is lenient") {
  for (const std::string body :
       {"3 \r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\t \r\n\r\n", "0003  \t  \r\nabc\r\n0\r\n\r\n"}) {
    CAPTURE(body);
    CHECK(read(kChunked, body).status == Status::malformed);
    for (const std::size_t step : {1u, 4u, 100u}) {
      BodyReader reader(kChunked, Reading::lenient);
      std::string data;
      for (std::string_view in = body; !in.empty();) {
        const BodyReader::Step next = reader.next(in.substr(0, step));
        REQUIRE(next.consumed > 0);
        data += next.data;
        in.remove_prefix(next.consumed);
      }
      CHECK(data == "abc");
      CHECK(reader.done());
      CHECK(reader.odd());
    }
  }
}

TEST_CASE("a lenient reader takes nothing else that is not to the letter") {
  for (const std::string_view body :
       {" 3\r\nabc\r\n0\r\n\r\n", "3 \nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3 1\r\nabc",
        "3 \rabc\r\n0\r\n\r\n", "3\v\r\nabc", " \r\n", "3\r\nabc \r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\nA: b\n\r\n", "0x3 \r\nabc"}) {
    CAPTURE(body);
    BodyReader reader(kChunked, Reading::lenient);
    std::string_view in = body;
    Status status = Status::more;
    while (!in.empty() && status == Status::more) {
      const BodyReader::Step next = reader.next(in);
      status = next.status;
      in.remove_prefix(next.consumed);
    }
    CHECK(status == Status::malformed);
  }
  BodyReader reader(kChunked, Reading::lenient);
  CHECK(reader.next("3 ;a=b\r\nabc\r\n0\r\n\r\n").status == Status::done);
  CHECK_FALSE(reader.odd());
}

TEST_CASE("a small chunked body is read in one step") {
  BodyReader reader(kChunked);
  const BodyReader::Step step = reader.next("5\r\nhello\r\n0\r\n\r\nmore");
  CHECK(step.status == Status::done);
  CHECK(step.data == "hello");
  CHECK(step.consumed == 15);
}

TEST_CASE("chunk extensions are skipped") {
  check_chunked("1;\r\na\r\n0\r\n\r\n", "a");
  check_chunked("1;x=y;z=\"quoted \t text\"\r\na\r\n0;last\r\n\r\n", "a");
  check_chunked("1 \t ; x = y\r\na\r\n0\r\n\r\n", "a");
  check_chunked("1;\xff\r\na\r\n0\r\n\r\n", "a");
}

TEST_CASE("a chunk size that two readers might read differently is malformed") {
  for (const std::string& size : {""s,
                                  "-1"s,
                                  "+1"s,
                                  "0x1"s,
                                  "x1"s,
                                  "1x"s,
                                  "1_0"s,
                                  " 1"s,
                                  "\t1"s,
                                  "1 "s,
                                  "1\t"s,
                                  "1 1"s,
                                  "1,1"s,
                                  "1.0"s,
                                  "g"s,
                                  "\"1\""s,
                                  ";x"s,
                                  "1\0"s,
                                  "1\v"s,
                                  "1\x80"s,
                                  "00000000000000001"s,
                                  "10000000000000001"s,
                                  "fffffffffffffffff"s,
                                  "1;\x01"s,
                                  "1;\0"s,
                                  "1;\x7f"s,
                                  "1;a\rb"s,
                                  "1;a\n"s,
                                  "1\r"s,
                                  "1\n"s,
                                  "1;a\nb"s}) {
    CAPTURE(size);
    CHECK(read(kChunked, size + "\r\na\r\n0\r\n\r\n").status == Status::malformed);
  }
  CHECK(read(kChunked, "\r\n\r\n").status == Status::malformed);
  CHECK(read(kChunked, ";x\r\n\r\n").status == Status::malformed);
  CHECK(read(kChunked, "1\rxa\r\n0\r\n\r\n").status == Status::malformed);
  CHECK(read(kChunked, "1\na\r\n0\r\n\r\n").status == Status::malformed);
  CHECK(read(kChunked, "1\ra\r\n0\r\n\r\n").status == Status::malformed);
  CHECK(read(kChunked, "1\r\na\r\n0\n\r\n").status == Status::malformed);
}

TEST_CASE("the largest chunk size is what a signed number holds, and is not taken for less") {
  BodyReader reader(kChunked);
  const BodyReader::Step step = reader.next("7fffffffffffffff\r\nabc");
  CHECK(step.status == Status::more);
  CHECK(step.data == "abc");
  for (const char* size : {"8000000000000000", "ffffffffffffffff", "10000000000000001"}) {
    CHECK(read(kChunked, std::string(size) + "\r\na\r\n0\r\n\r\n").status == Status::malformed);
  }
}

TEST_CASE("a chunk's data ends with CR LF, where its size says") {
  for (const char* body : {"1\r\nab\r\n0\r\n\r\n", "2\r\na\r\n0\r\n\r\n", "1\r\na0\r\n\r\n",
                           "1\r\na\n0\r\n\r\n", "1\r\na\r0\r\n\r\n", "1\r\na\r\r\n0\r\n\r\n",
                           "1\r\na\r\n\r\n0\r\n\r\n", "1\r\nax\n0\r\n\r\n", "1\r\na\rx0\r\n\r\n"}) {
    CAPTURE(body);
    CHECK(read(kChunked, body).status == Status::malformed);
  }
}

TEST_CASE("a chunk's line may have 4 KiB with its CR") {
  const auto body = [](std::size_t line_bytes) {
    return "1;" + std::string(line_bytes - 2, 'x') + "\r\na\r\n0\r\n\r\n";
  };
  CHECK(read(kChunked, body(kChunkLineBytesMax - 1)).status == Status::done);
  CHECK(read(kChunked, body(kChunkLineBytesMax)).status == Status::malformed);
  CHECK(read(kChunked, "1" + std::string(kChunkLineBytesMax, ' ')).status == Status::malformed);
  // Each line counts for itself.
  const std::string half = "1;" + std::string(kChunkLineBytesMax / 2, 'x') + "\r\na\r\n";
  CHECK(read(kChunked, half + half + half + "0\r\n\r\n").data == "aaa");
}

TEST_CASE("chunks may be small and many") {
  std::string body, data;
  for (int i = 0; i < 20'000; ++i) {
    body += "1\r\na\r\n";
    data += 'a';
  }
  CHECK(read(kChunked, body + "0\r\n\r\n") == Outcome{Status::done, data, body.size() + 5, ""});
}

TEST_CASE("trailers are handed over as their lines") {
  check_chunked("0\r\nA: b\r\n\r\n", "", "A: b\r\n");
  check_chunked("1\r\nx\r\n0\r\nDigest: abc\r\nServer-Timing:  d \r\n\r\n", "x",
                "Digest: abc\r\nServer-Timing:  d \r\n");
}

TEST_CASE("a trailer section is held to the rules of a head") {
  for (const std::string& section :
       {"A : b\r\n"s, " A: b\r\n"s, "A: b\r\n c\r\n"s, "A\r\n"s, ": b\r\n"s, "A: b\n"s, "\n"s,
        "A: b\rc\r\n"s, "A: \0\r\n"s, "A: b\x01\r\n"s, "\r\r\n"s, "A: b\r\n\n"s}) {
    CAPTURE(section);
    CHECK(read(kChunked, "0\r\n" + section + "\r\n").status == Status::malformed);
  }
  CHECK(read(kChunked, "0\r\nA: b\n").status == Status::malformed);  // not only at its end
  CHECK(read(kChunked, "0\r\nA: b\r\n\n").status == Status::malformed);
  std::string many;
  for (std::size_t i = 0; i <= kFieldsMax; ++i) many += "A: b\r\n";
  CHECK(read(kChunked, "0\r\n" + many + "\r\n").status == Status::malformed);
}

TEST_CASE("a trailer section may have 16 KiB with its blank line") {
  const auto body = [](std::size_t section_bytes) {
    return "0\r\nA: " + std::string(section_bytes - 7, 'b') + "\r\n\r\n";
  };
  CHECK(read(kChunked, body(kTrailerSectionBytesMax)).status == Status::done);
  CHECK(read(kChunked, body(kTrailerSectionBytesMax + 1)).status == Status::malformed);
  CHECK(read(kChunked, "0\r\n" + std::string(100'000, 'a')).status == Status::malformed);
}

TEST_CASE("a malformed body stays malformed and takes nothing more") {
  BodyReader reader(kChunked);
  REQUIRE(reader.next("zz").status == Status::malformed);
  const BodyReader::Step step = reader.next("0\r\n\r\n");
  CHECK(step.status == Status::malformed);
  CHECK(step.consumed == 0);
}

TEST_CASE("data may pass by unread, but for its last byte") {
  BodyReader sized(length(100));
  CHECK(sized.plain() == 100);
  sized.skip(60);
  CHECK(sized.plain() == 40);
  CHECK(sized.remaining() == 40);
  sized.next(std::string(39, 'x'));
  CHECK_FALSE(sized.done());
  CHECK(sized.next("xGET").consumed == 1);
  CHECK(sized.done());
  CHECK(sized.plain() == 0);

  BodyReader endless({Kind::until_close, 0});
  endless.skip(1u << 30);
  CHECK(endless.plain() > kLengthMax);
  CHECK(endless.at_eof());
  CHECK(endless.plain() == 0);
}

TEST_CASE("of a chunked body only the data of the chunk under way may pass by") {
  BodyReader reader(kChunked);
  CHECK(reader.plain() == 0);
  CHECK(reader.next("1").consumed == 1);
  CHECK(reader.plain() == 0);
  CHECK(reader.next("0;x\r\n").status == Status::more);
  CHECK(reader.plain() == 16);
  reader.skip(10);
  CHECK(reader.plain() == 6);
  CHECK(reader.next("123456\r").data == "123456");
  CHECK(reader.plain() == 0);
  CHECK(reader.next("\nnonsense").status == Status::malformed);
  CHECK(reader.plain() == 0);
}
