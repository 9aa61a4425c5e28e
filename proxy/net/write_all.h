// Writes to a stream until it has taken everything. For a request that is sent only once, so that
// no copy need be kept.
#pragma once

#include <string_view>

#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"

namespace bearer::net {

enum class Written {
  whole,
  broken,  ///< the connection is broken
  late,    ///< the wait's deadline has passed
  left,    ///< the client whose departure ends the wait has left
};

/// `bytes` and the stream, which wakes the sleeper of `wait`, outlive the task.
Task<Written> write_all(Stream& stream, Wait wait, std::string_view bytes);

}  // namespace bearer::net
