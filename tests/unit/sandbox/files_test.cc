#include "tests/sandbox/files.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace bearer::sandbox;
using Json = nlohmann::json;

namespace {

Request get(const std::string& size, const std::string& range = "",
            const std::string& if_range = "") {
  Request request;
  request.method = "GET";
  request.path = request.target = "/api/v2/files/" + size;
  request.range = range;
  request.if_range = if_range;
  return request;
}

/// Downloads as a client does that asks for the rest of what was cut. Returns how often it asked.
int download(Files& files, std::uint64_t size) {
  std::uint64_t got = 0;
  int asked = 0;
  for (; got < size && asked < 1000; ++asked) {
    const Answer answer =
        files.answer(get(std::to_string(size), "bytes=" + std::to_string(got) + "-"));
    CHECK(answer.pattern_start == got);
    got += answer.cut ? answer.cut->after : answer.pattern_size;
  }
  CHECK(got == size);
  return asked;
}

}  // namespace

TEST_CASE("a file comes whole, with a strong ETag and its digest") {
  Files files({});
  const Answer answer = files.answer(get("3"));
  CHECK(answer.status == 200);
  CHECK(answer.pattern_start == 0);
  CHECK(answer.pattern_size == 3);
  CHECK(find(answer.fields, "ETag") == "\"pattern-3\"");
  CHECK(find(answer.fields, "Accept-Ranges") == "bytes");
  CHECK(find(answer.fields, "Repr-Digest") ==  // of "012"
        "sha-256=:v2qqq3wUPKEq5EjGn7crtM8bKRVLkIapJ6CpGuM0zfc=:");
  CHECK_FALSE(answer.cut);
}

TEST_CASE("a range comes as a 206 that says where it lies") {
  Files files({});
  const auto part = [&files](const std::string& range) {
    const Answer answer = files.answer(get("100", range));
    return std::to_string(answer.status) + " " + std::to_string(answer.pattern_start) + "+" +
           std::to_string(answer.pattern_size) + " " +
           std::string(find(answer.fields, "Content-Range"));
  };
  CHECK(part("bytes=0-0") == "206 0+1 bytes 0-0/100");
  CHECK(part("bytes=10-") == "206 10+90 bytes 10-99/100");
  CHECK(part("bytes=10-1000") == "206 10+90 bytes 10-99/100");
  CHECK(part("bytes=-7") == "206 93+7 bytes 93-99/100");
  CHECK(part("bytes=-700") == "206 0+100 bytes 0-99/100");
  CHECK(part("bytes=100-") == "416 0+0 bytes */100");
  CHECK(part("bytes=-0") == "416 0+0 bytes */100");
  for (const char* ignored : {"", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=x-"}) {
    CAPTURE(ignored);
    CHECK(part(ignored) == "200 0+100 ");
  }
}

TEST_CASE("If-Range with another validator gets the whole file") {
  Files files({});
  CHECK(files.answer(get("100", "bytes=5-", "\"pattern-100\"")).status == 206);
  CHECK(files.answer(get("100", "bytes=5-", "\"pattern-99\"")).status == 200);
  CHECK(files.answer(get("100", "bytes=5-", "W/\"pattern-100\"")).status == 200);
}

TEST_CASE(
    "each file is cut as often as asked for, also where a cut takes bytes along, then comes "
    "whole") {
  Files files(parse_cuts("times=20,seed=7"));
  CHECK(download(files, 1'000'000) == 21);
  CHECK(download(files, 2'000'000) == 21);
  CHECK(files.to_json()["cut"] == 40);
  CHECK(files.to_json()["bytes"] == 3'000'000);
  CHECK(download(files, 2'000'000) == 1);

  Files begun_again(parse_cuts("times=5"));
  int cuts = 0;
  while (begun_again.answer(get("1000")).cut) ++cuts;
  CHECK(cuts == 5);
}

TEST_CASE("the same seed cuts at the same bytes, another one at others") {
  const auto cut = [](const char* options, const std::string& size) {
    Files files(parse_cuts(options));
    return files.answer(get(size)).cut.value().after;
  };
  CHECK(cut("times=1,seed=7", "1000000") == cut("times=1,seed=7", "1000000"));
  CHECK(cut("times=1,seed=7", "1000000") != cut("times=1,seed=8", "1000000"));
  CHECK(cut("times=1,seed=7", "1000000") != cut("times=1,seed=7", "1000001"));
}

TEST_CASE("a HEAD is not cut, and does not use up a cut") {
  Files files(parse_cuts("times=1"));
  Request head = get("1000");
  head.method = "HEAD";
  CHECK_FALSE(files.answer(head).cut);
  CHECK(files.answer(get("1000")).cut);
}

TEST_CASE("cuts that cannot be read are refused") {
  for (const char* text : {"5", "times=", "times=x", "every=3"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_cuts(text), std::invalid_argument);
  }
}
