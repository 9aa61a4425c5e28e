#include "http/chunk_header.h"

#include <cassert>
#include <charconv>

namespace bearer::http {

ChunkHeader::ChunkHeader(std::uint64_t size) {
  assert(size > 0);
  char* end = std::to_chars(text_.data(), text_.data() + text_.size(), size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  length_ = static_cast<std::size_t>(end - text_.data());
}

}  // namespace bearer::http
