// The bytes of a file.
#pragma once

#include <filesystem>
#include <string>

namespace bearer::test {

/// Throws std::runtime_error where the file cannot be read.
std::string content(const std::filesystem::path& path);

}  // namespace bearer::test
