// The tests know where the sources lie from which they were built.
#pragma once

#include <filesystem>

namespace bearer::test {

std::filesystem::path source_tree();

}  // namespace bearer::test
