#include "tests/sandbox/command_line.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/said.h"

using namespace bearer;
using sandbox::CommandLine;

namespace {

struct Parsed {
  std::string text = "a";
  std::uint64_t number = 1;
  sandbox::Milliseconds duration{0};
  bool given = false;
};

/// The three kinds of options and a flag.
CommandLine command_line(Parsed& parsed) {
  CommandLine line;
  line.add_text("text", "what it is", parsed.text);
  line.add_number("number", "how many", 10, [&](std::uint64_t n) { parsed.number = n; });
  line.add_duration("time", "how long", parsed.duration);
  line.add_flag("flag", "whether", parsed.given);
  return line;
}

std::string error_of(const std::vector<std::string>& arguments) {
  Parsed parsed;
  try {
    command_line(parsed).parse(arguments);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("an option's value follows it, or an equals sign") {
  Parsed parsed;
  command_line(parsed).parse({"--text", "--b", "--number=7", "--flag", "--time", "2s"});
  CHECK(parsed.text == "--b");
  CHECK(parsed.number == 7);
  CHECK(parsed.duration == sandbox::Milliseconds(2000));
  CHECK(parsed.given);
  CHECK(test::says(command_line(parsed).help(), "--number"));
}

TEST_CASE("what is no option, or has a value that cannot be, is named") {
  CHECK(error_of({"--txt", "b"}) == "--txt is no option");
  CHECK(error_of({"stray"}) == "stray is no option");
  CHECK(error_of({"--text"}) == "--text needs a value");
  CHECK(error_of({"--flag=1"}) == "--flag takes no value");
  CHECK(error_of({"--number", "11"}) == "--number: must be a number of at most 10");
  CHECK(error_of({"--number", "-1"}) == "--number: must be a number of at most 10");
  CHECK(test::says(error_of({"--time", "soon"}), "--time: "));
}
