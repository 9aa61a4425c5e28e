// The entry point that libFuzzer calls, of a program with one target.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bearer::fuzz::targets().front().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
