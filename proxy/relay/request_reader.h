// The head of a client's next request, and the end of a client's connection.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "net/task.h"
#include "relay/downstream.h"
#include "relay/local_reply.h"

namespace bearer::relay {

struct RequestHeadRead {
  /// The connection is over: the client closed it, was idle for 75 s, or may not, or no longer, be
  /// served; or we drain.
  bool ended = false;
  /// What to say to a client whose head did not arrive as it should; the connection ends then.
  std::optional<LocalReply> reply;
  std::size_t begin = 0;  ///< of the head in client.in
  std::size_t bytes = 0;  ///< of client.in up to the head's end

  std::string_view head(const Downstream& client) const {
    return client.in.bytes().substr(begin, bytes - begin);
  }
};

/// Waits for a whole head in client.in. A head must arrive within 10 s of its first byte.
net::Task<RequestHeadRead> read_request_head(Downstream& client);

/// Ends a connection on which the client may still be sending, so that it gets to read our last
/// answer: closing at once would make the kernel reset the connection and throw that answer away.
/// 2 s and 64 KiB at most.
net::Task<void> linger(Downstream& client);

}  // namespace bearer::relay
