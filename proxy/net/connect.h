// Connects to one address.
#pragma once

#include <memory>

#include "base/result.h"
#include "net/loop.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"

namespace bearer::net {

/// True for an errno of this process, or this machine, that has no descriptor left.
bool lacks_descriptor(int error);
base::Error descriptors_used_up(int error);

/// Also connects to unix sockets. The stream wakes the sleeper of `wait`. Errc: connect_refused,
/// also by a reset; connect_unreachable, connect_timeout, descriptors_used_up (or
/// our ports), client_left; the detail says why, but not where.
Task<base::Result<std::unique_ptr<Stream>>> connect(Loop& loop, SocketAddress address, Wait wait);

}  // namespace bearer::net
