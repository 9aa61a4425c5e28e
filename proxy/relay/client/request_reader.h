// Reads the head of a client's next request.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "net/task.h"
#include "relay/downstream.h"
#include "relay/replies/local_reply.h"

namespace bearer::relay {

struct RequestHeadRead {
  /// The connection is over: the client closed it, was idle for 75 s, or may not be served (any
  /// longer); or we drain.
  bool ended = false;
  /// The reply to a client whose head did not arrive as it should. The connection ends after it.
  std::optional<LocalReply> reply;
  std::size_t begin = 0;  ///< where the head begins in client.in
  std::size_t bytes = 0;  ///< bytes of client.in up to the head's end

  std::string_view head(const Downstream& client) const {
    return client.in.bytes().substr(begin, bytes - begin);
  }
};

/// Waits for a whole head in client.in. A head must arrive within 10 s of its first byte.
net::Task<RequestHeadRead> read_request_head(Downstream& client);

}  // namespace bearer::relay
