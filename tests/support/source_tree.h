// Where the sources lie from which the tests were built.
#pragma once

#include <filesystem>

namespace bearer::test {

std::filesystem::path source_tree();

}  // namespace bearer::test
