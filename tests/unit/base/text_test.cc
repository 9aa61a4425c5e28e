#include "base/text.h"

#include <doctest/doctest.h>

#include <array>

using namespace bearer::base;
using namespace std::chrono_literals;

TEST_CASE("case is ignored for ASCII letters only") {
  CHECK(iequals("Content-Length", "content-LENGTH"));
  CHECK(iequals("", ""));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("@", "`"));        // differ in the case bit, are no letters
  CHECK_FALSE(iequals("\xc4", "\xe4"));  // letters in Latin-1
  CHECK(istarts_with("Bearer abc", "bearer "));
  CHECK_FALSE(istarts_with("Bear", "bearer"));
  CHECK(to_lower("ÄB-Z") == "Äb-z");
}

TEST_CASE("texts of any length are compared to their last byte, and no further") {
  const std::string letters = "Az@[`{-_09\x80\xc1\xe1\x7f mnopqrstuvwxyzABCDEF";
  for (std::size_t size = 1; size <= letters.size(); ++size) {
    CAPTURE(size);
    const std::string text = letters.substr(0, size);
    std::string other;
    for (const char c : text) {
      const bool small = c >= 'a' && c <= 'z', large = c >= 'A' && c <= 'Z';
      other += static_cast<char>(small || large ? c ^ 0x20 : c);
    }
    CHECK(iequals(text, other));
    CHECK(istarts_with(text + "!", other));
    CHECK_FALSE(istarts_with(text, other + "!"));
    for (std::size_t at = 0; at < size; ++at) {
      for (const int bit : {0x01, 0x20, 0x80}) {
        std::string wrong = text;
        wrong[at] = static_cast<char>(wrong[at] ^ bit);
        CHECK(iequals(text, wrong) == (lower(text[at]) == lower(wrong[at])));
      }
    }
  }
}

TEST_CASE("trim removes spaces and tabs at both ends and nothing else") {
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim(" \t ") == "");
  CHECK(trim("") == "");
  CHECK(trim("\na\r") == "\na\r");
}

TEST_CASE("take_until walks the parts of a list, the empty ones too") {
  std::string_view rest = "a,,b";
  CHECK(take_until(rest, ',') == "a");
  CHECK(take_until(rest, ',') == "");
  CHECK(rest == "b");
  CHECK(take_until(rest, ',') == "b");
  CHECK(rest.empty());
  CHECK(take_until(rest, ',') == "");
}

TEST_CASE("a decimal is digits only, up to 64 bits") {
  CHECK(parse_decimal("0") == 0);
  CHECK(parse_decimal("007") == 7);
  CHECK(parse_decimal("18446744073709551615") == 18446744073709551615u);
  for (const char* bad : {"", "18446744073709551616", "99999999999999999999999", "-1", "+1", " 1",
                          "1 ", "0x1", "1.0", "1e3"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_decimal(bad));
  }
}

TEST_CASE("a duration has one unit, and a bare number is seconds") {
  struct {
    const char* text;
    Duration expected;
  } const cases[] = {
      {"500ms", 500ms},
      {"120s", 120s},
      {"2m", 2min},
      {"1h", 1h},
      {"0", 0s},
      {"30", 30s},
      {"1.5s", 1500ms},
      {"1.5", 1500ms},
      {"0.25h", 15min},
      {"0.000001s", 1us},
      {"1.0000000009s", 1s},  // below 1 ns is dropped
      {"87600h", 87600h},
      {"315569520s", std::chrono::years(10)},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_duration(c.text) == c.expected);
  }
}

TEST_CASE("a duration that is malformed, negative or over ten years is refused") {
  for (const char* bad : {"",
                          "s",
                          "ms",
                          "-1s",
                          "+1s",
                          "1 s",
                          " 1s",
                          "1s ",
                          "1m30s",
                          "1.s",
                          ".5s",
                          "1..5s",
                          "1d",
                          "1S",
                          "1e3s",
                          "100000h",
                          "87658.9h",
                          "315569521s",
                          "999999999999999999s",
                          "99999999999999999999999s",
                          "9223372036854775807h",
                          "nan",
                          "1.5.5s"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("a size is bytes or a binary unit") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("64KiB") == 64u << 10);
  CHECK(parse_size("10MiB") == 10u << 20);
  CHECK(parse_size("3GiB") == 3ull << 30);
  CHECK(parse_size("17179869183GiB") == 17179869183ull << 30);
  for (const char* bad :
       {"", "KiB", "1KB", "1K", "1 KiB", "-1", "1.5KiB", "1kib", "17179869184GiB", "1KiBs"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad));
  }
}

TEST_CASE("a duration is shown with as many digits as a person needs") {
  struct {
    Duration duration;
    const char* expected;
  } const cases[] = {
      {0ns, "0 ms"},        {400us, "0.4 ms"},   {1ms, "1 ms"},        {350ms, "350 ms"},
      {999999us, "999 ms"}, {1s, "1 s"},         {1250ms, "1.2 s"},    {59999ms, "59 s"},
      {150s, "2 m 30 s"},   {120s, "2 m"},       {3599s, "59 m 59 s"}, {3900s, "1 h 5 m"},
      {50h, "2 d 2 h"},     {-1500ms, "-1.5 s"},
  };
  for (const auto& c : cases) CHECK(format_duration(c.duration) == c.expected);
  CHECK(format_duration(Duration::min()) == "-" + format_duration(Duration::max()));
}

TEST_CASE("one thing is counted by its singular") {
  CHECK(counted(0, "retry", "retries") == "0 retries");
  CHECK(counted(1, "retry", "retries") == "1 retry");
  CHECK(counted(12, "retry", "retries") == "12 retries");
}

TEST_CASE("the nearest word is a slip of the finger away, or there is none") {
  constexpr std::array<std::string_view, 4> known{"token_url", "token_wait", "listen", "admin"};
  CHECK(nearest("tokenurl", known) == "token_url");
  CHECK(nearest("token_ulr", known) == "token_url");  // a swap is one edit
  CHECK(nearest("lsiten", known) == "listen");
  CHECK(nearest("listens", known) == "listen");
  CHECK(nearest("amdin", known) == "admin");
  CHECK(nearest("frobnicate", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("listen", {}).empty());
}

TEST_CASE("a time of the wall clock is written in UTC, to the second") {
  CHECK(format_utc(bearer::base::WallTime(1'700'000'000'999ms)) == "2023-11-14T22:13:20Z");
  using bearer::base::format_utc_milliseconds;
  CHECK(format_utc_milliseconds(bearer::base::WallTime(1'700'000'000'999ms)) ==
        "2023-11-14T22:13:20.999Z");
  CHECK(format_utc_milliseconds(bearer::base::WallTime(7ms)) == "1970-01-01T00:00:00.007Z");
  CHECK(format_utc(bearer::base::WallTime()) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(bearer::base::WallTime(1'709'251'199s)) == "2024-02-29T23:59:59Z");
  CHECK(format_utc(bearer::base::WallTime(4'107'542'400s)) == "2100-03-01T00:00:00Z");
  CHECK(format_utc_milliseconds(bearer::base::WallTime(-1ms)) == "1969-12-31T23:59:59.999Z");
  CHECK(format_utc(bearer::base::WallTime::max()) == "2262-04-11T23:47:16Z");
}

TEST_CASE("seconds are rounded to what their reader wants") {
  CHECK(seconds(1'234'567'890ns) == 1.234568);
  CHECK(seconds(1'234'567'890ns, 1ms) == 1.235);
  CHECK(seconds(-1ms) == -0.001);
  CHECK(seconds(24h) == 86400);
}
