#include "base/interpreter.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

#include "base/text.h"

namespace bearer::base {
namespace {

constexpr std::size_t kLineBytesMax = 256;  // the kernel looks at no more

/// Empty if there is none.
std::string find_program(const std::string& program) {
  for (const std::string& file : program_files(program)) {
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

}  // namespace

std::vector<std::string> program_files(const std::string& program) {
  if (program.find('/') != std::string::npos) return {program};
  const char* path = std::getenv("PATH");
  std::vector<std::string> files;
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  while (!rest.empty()) {
    const std::string_view directory = take_until(rest, ':');
    files.push_back((directory.empty() ? std::string(".") : std::string(directory)) + "/" +
                    program);
  }
  return files;
}

std::string missing_interpreter(const std::string& program) {
  std::ifstream file(find_program(program), std::ios::binary);
  std::string text(kLineBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::string_view rest = text;
  std::string_view line = take_until(rest, '\n');
  if (!line.starts_with("#!")) return {};
  line.remove_prefix(2);
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  std::string interpreter(line.substr(0, line.find_first_of(" \t")));
  return ::access(interpreter.c_str(), F_OK) == 0 ? std::string() : interpreter;
}

}  // namespace bearer::base
