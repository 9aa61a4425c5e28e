// Writes to a stream until it has taken everything: for a request that is sent once, of which
// nothing need be kept.
#pragma once

#include <string_view>

#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"

namespace bearer::net {

enum class Written {
  whole,
  broken,  ///< the connection is
  late,    ///< the wait's deadline has passed
  left,    ///< its beneficiary has
};

/// `bytes` and the stream, which wakes the sleeper of `wait`, outlive the task.
Task<Written> write_all(Stream& stream, Wait wait, std::string_view bytes);

}  // namespace bearer::net
