#include "http/chunk_header.h"

#include <doctest/doctest.h>

#include <limits>

using namespace bearer::http;

TEST_CASE("a chunk's size is written in hex with its line end") {
  CHECK(ChunkHeader(1).text() == "1\r\n");
  CHECK(ChunkHeader(15).text() == "f\r\n");
  CHECK(ChunkHeader(16).text() == "10\r\n");
  CHECK(ChunkHeader(65'536).text() == "10000\r\n");
  CHECK(ChunkHeader(std::numeric_limits<std::uint64_t>::max()).text() == "ffffffffffffffff\r\n");
}
