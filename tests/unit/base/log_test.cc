#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <string>

#include "base/log_line.h"
#include "tests/support/captured.h"
#include "tests/support/said.h"

using namespace bearer::base;

namespace {

/// Takes what is written to stderr as long as it lives, two pages of it at most.
class StderrPipe {
 public:
  StderrPipe() : stderr_(dup(STDERR_FILENO)) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    reader_ = ends[0];
    REQUIRE(fcntl(ends[1], F_SETPIPE_SZ, 2 * kPageBytes) == 2 * kPageBytes);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    const std::string page(kPageBytes, '.');
    for (int i = 0; i < 2; ++i) REQUIRE(write(STDERR_FILENO, page.data(), page.size()) > 0);
  }
  ~StderrPipe() {
    dup2(stderr_, STDERR_FILENO);
    close(stderr_);
    close(reader_);
  }
  StderrPipe(const StderrPipe&) = delete;
  StderrPipe& operator=(const StderrPipe&) = delete;

  /// Makes room for one page, whose bytes it returns.
  std::string read_page() const {
    std::string bytes(kPageBytes, '\0');
    const ssize_t size = read(reader_, bytes.data(), bytes.size());
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

 private:
  static constexpr int kPageBytes = 4096;

  const int stderr_;
  int reader_ = -1;
};

}  // namespace

TEST_CASE("a line of text is a level, a sentence and its fields") {
  CHECK(text_line(LogLevel::info, "token fetched", {}) == "info  token fetched");
  CHECK(
      text_line(LogLevel::warning, "retrying",
                {{"status", std::int64_t{429}}, {"wait", 1.5}, {"kept", true}, {"path", "/a?b"}}) ==
      "warn  retrying status=429 wait=1.5 kept=true path=/a?b");
}

TEST_CASE("a value of text is quoted unless it is one plain word") {
  struct Case {
    std::string_view value, spelled;
  };
  const Case cases[] = {
      {"plain-word", "plain-word"},
      {"https://api.example.com:443/v2", "https://api.example.com:443/v2"},
      {"two words", "\"two words\""},
      {"a=b", "\"a=b\""},
      {"say \"hi\" \\o/", R"("say \"hi\" \\o/")"},
      {"Zürich", "\"Zürich\""},
  };
  for (const Case& c : cases) {
    CHECK(text_line(LogLevel::error, "s", {{"k", c.value}}) ==
          "error s k=" + std::string(c.spelled));
  }
}

TEST_CASE("in a line of text a field without a value is left out") {
  CHECK(text_line(LogLevel::error, "s", {{"detail", ""}}) == "error s");
  CHECK(text_line(LogLevel::error, "s", {{"a", "b"}, {"mend", ""}, {"n", std::int64_t{0}}}) ==
        "error s a=b n=0");
  CHECK(json_members(LogLevel::info, "s", {{"detail", ""}}) ==
        R"("level":"info","message":"s","detail":"")");
}

TEST_CASE("no value and no sentence can forge a line or steer a terminal") {
  struct Case {
    std::string_view value, spelled;
  };
  const Case cases[] = {
      {"a\nb", R"("a\nb")"},
      {"a\r\x1b[2J", R"("a\u000d\u001b[2J")"},
      {std::string_view("\0", 1), R"("\u0000")"},
      {"\x7f", R"("\u007f")"},
      {"\xc2\x9b", R"("\u009b")"},           // CSI in one character
      {"\xe2\x80\xa8", R"("\u2028")"},       // line separator
      {"\xe2\x80\xae", R"("\u202e")"},       // right-to-left override
      {"\xff", R"("\xff")"},                 // not UTF-8
      {"\xc3", R"("\xc3")"},                 // cut short
      {"\xc0\xaf", R"("\xc0\xaf")"},         // overlong
      {"\xed\xa0\x80", R"("\xed\xa0\x80")"}  // surrogate
  };
  for (const Case& c : cases) {
    CHECK(text_line(LogLevel::info, "s", {{"k", c.value}}) ==
          "info  s k=" + std::string(c.spelled));
  }
  CHECK(text_line(LogLevel::info, "one\ntwo", {}) == R"(info  one\ntwo)");
}

TEST_CASE("a line of JSON keeps the kinds of its values") {
  CHECK(json_members(LogLevel::debug, "s",
                     {{"n", std::int64_t{-7}}, {"x", 0.25}, {"b", false}, {"t", "u"}}) ==
        R"("level":"debug","message":"s","n":-7,"x":0.25,"b":false,"t":"u")");
  CHECK(json_members(LogLevel::info, "s", {{"x", std::nan("")}}) ==
        R"("level":"info","message":"s","x":null)");
}

TEST_CASE("a line of JSON is valid whatever the bytes are") {
  struct Case {
    std::string_view value, spelled;
  };
  const Case cases[] = {
      {"say \"hi\"\\\n\r\t", R"("say \"hi\"\\\n\r\t")"},
      {"\x01\x7f", R"("\u0001\u007f")"},
      {"Zürich", "\"Zürich\""},
      {"a\xff"
       "b",
       "\"a\uFFFDb\""},
      {"\xf0\x9f\x9a\x80", "\"\xf0\x9f\x9a\x80\""},
      {"\xf0\x9f\x9a", "\"\uFFFD\uFFFD\uFFFD\""},
      {"\xf4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},  // beyond U+10FFFF
  };
  for (const Case& c : cases) {
    CHECK(json_members(LogLevel::info, "s", {{"k", c.value}}) ==
          R"("level":"info","message":"s","k":)" + std::string(c.spelled));
  }
}

TEST_CASE("levels below the configured one are not written") {
  configure_log({LogFormat::text, LogLevel::warning});
  CHECK_FALSE(log_enabled(LogLevel::info));
  CHECK(log_enabled(LogLevel::warning));
  CHECK(log_enabled(LogLevel::error));
  configure_log({});
  CHECK(log_enabled(LogLevel::info));
  CHECK_FALSE(log_enabled(LogLevel::debug));
}

TEST_CASE("lines that nobody read are counted behind the next one that comes through") {
  const std::uint64_t before = lost_log_lines();
  std::string said;
  {
    const StderrPipe pipe;
    for (int i = 0; i < 3; ++i) log(LogLevel::info, "nobody reads this");
    for (int i = 0; i < 2; ++i) pipe.read_page();
    log(LogLevel::info, "somebody reads again");
    said = pipe.read_page();
  }
  CHECK(bearer::test::says(said, "somebody reads again"));
  CHECK(bearer::test::says(said, "lines of the log were lost lines=3\n"));
  CHECK(lost_log_lines() == before + 3);
}

TEST_CASE("lines are counted as lost until that was said itself") {
  const std::uint64_t before = lost_log_lines();
  std::string said;
  {
    const StderrPipe pipe;
    for (int i = 0; i < 3; ++i) log(LogLevel::info, "nobody reads this");
    pipe.read_page();
    log(LogLevel::info, std::string(4096 - 60, 'x'));  // leaves no room for what is said next
    for (int i = 0; i < 2; ++i) pipe.read_page();
    log(LogLevel::info, "somebody reads again");
    said = pipe.read_page();
  }
  CHECK(bearer::test::says(said, "lines of the log were lost lines=4\n"));
  CHECK(lost_log_lines() == before + 4);
}

TEST_CASE("what a command says is one line, whatever the log's format and level") {
  configure_log({LogFormat::json, LogLevel::error});
  CHECK(bearer::test::captured(STDERR_FILENO, [] { say("it cannot be"); }) ==
        "bearer-proxy: it cannot be\n");
  configure_log({});
}
