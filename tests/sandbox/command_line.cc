#include "tests/sandbox/command_line.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

std::string with_default(std::string help, const std::string& value) {
  return value.empty() ? help : help + " (" + value + " if left out)";
}

}  // namespace

void CommandLine::add(std::string name, std::string help, Set set) {
  options_.push_back({"--" + std::move(name), std::move(help), std::move(set)});
}

void CommandLine::add_text(std::string name, std::string help, std::string& text) {
  add(std::move(name), with_default(std::move(help), text),
      [&text](const std::string& value) { text = value; });
}

void CommandLine::add_duration(std::string name, std::string help, Milliseconds& duration) {
  add(std::move(name), std::move(help),
      [&duration](const std::string& value) { duration = parse_duration(value); });
}

void CommandLine::add_number(std::string name, std::string help, std::uint64_t max,
                             std::function<void(std::uint64_t)> set) {
  add(std::move(name), std::move(help), [max, set](const std::string& value) {
    const std::optional<std::uint64_t> number = parse_number(value);
    if (!number || *number > max) {
      throw std::invalid_argument("must be a number of at most " + std::to_string(max));
    }
    set(*number);
  });
}

void CommandLine::add_flag(std::string name, std::string help, bool& given) {
  add(std::move(name), std::move(help), [&given](const std::string&) { given = true; });
  options_.back().takes_value = false;
}

void CommandLine::parse(const std::vector<std::string>& arguments) const {
  for (std::size_t next = 0; next < arguments.size();) {
    const std::string& argument = arguments[next++];
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto option = std::ranges::find(options_, name, &Option::name);
    if (option == options_.end()) throw std::invalid_argument(name + " is no option");
    std::string value;
    if (equals != std::string::npos) {
      if (!option->takes_value) throw std::invalid_argument(name + " takes no value");
      value = argument.substr(equals + 1);
    } else if (option->takes_value) {
      if (next == arguments.size()) throw std::invalid_argument(name + " needs a value");
      value = arguments[next++];
    }
    try {
      option->set(value);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(name + ": " + error.what());
    }
  }
}

std::string CommandLine::help() const {
  constexpr std::size_t kNameColumns = 24;
  std::string text;
  for (const Option& option : options_) {
    const std::size_t padding = kNameColumns - std::min(kNameColumns - 1, option.name.size());
    text += "  " + option.name + std::string(padding, ' ') + option.help + "\n";
  }
  return text;
}

}  // namespace bearer::sandbox
