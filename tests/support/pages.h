// The pages of the tree that are for people.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace bearer::test {

/// The text of each Markdown file, by path.
std::map<std::filesystem::path, std::string> pages();

}  // namespace bearer::test
