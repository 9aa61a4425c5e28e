// Options of a command line: `--name value`, `--name=value`, and --help.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sandbox/duration.h"

namespace bearer::sandbox {

class CommandLine {
 public:
  using Set = std::function<void(const std::string&)>;

  /// The option `--name`; `set` reads its value, and throws std::invalid_argument if it cannot.
  void add(std::string name, std::string help, Set set);
  void add_text(std::string name, std::string help, std::string& text);
  void add_duration(std::string name, std::string help, Milliseconds& duration);
  /// `set` is called with a number of at most `max`.
  void add_number(std::string name, std::string help, std::uint64_t max,
                  std::function<void(std::uint64_t)> set);
  /// Takes no value; given, it is true.
  void add_flag(std::string name, std::string help, bool& given);

  /// Sets what is given. Throws std::invalid_argument, with a sentence for the person who wrote it.
  void parse(const std::vector<std::string>& arguments) const;
  /// A line for each option.
  std::string help() const;

 private:
  struct Option {
    std::string name, help;
    Set set;
    bool takes_value = true;
  };

  std::vector<Option> options_;
};

}  // namespace bearer::sandbox
