// One read of a stream, as text that a test compares.
#pragma once

#include <cstddef>
#include <string>

#include "net/stream.h"

namespace bearer::test {

/// Returns what one read gives: its bytes, or "-" and its status.
inline std::string read_text(net::Stream& stream, std::size_t size) {
  std::string into(size, '\0');
  const net::Io io = stream.read(into);
  switch (io.status) {
    case net::Io::Status::ok: return into.substr(0, io.bytes);
    case net::Io::Status::blocked: return "-blocked";
    case net::Io::Status::ended: return "-ended";
    case net::Io::Status::failed: return "-failed";
  }
  return {};
}

}  // namespace bearer::test
