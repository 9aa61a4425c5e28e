// Reads the head of a client's next request.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/task.h"
#include "relay/downstream.h"
#include "relay/replies/local_reply.h"
#include "wire/head_reader.h"

namespace bearer::relay {

/// The time that a client has for its next request.
inline constexpr wire::HeadReader::Limits kClientLimits{.idle_max = std::chrono::seconds(75),
                                                        .head_max = std::chrono::seconds(10)};

struct RequestHeadRead {
  /// The connection is over: the client closed it, was idle for too long, may not be served (any
  /// longer), or idles while another client wants its place; or we drain.
  bool ended = false;
  /// The reply to a client whose head did not arrive as it should. The connection ends after it.
  std::unique_ptr<LocalReply> reply;
  std::uint32_t begin = 0;  ///< of the head in client.in
  std::uint32_t bytes = 0;  ///< of client.in up to the head's end

  std::string_view head(const Downstream& client) const {
    return client.in.bytes().substr(begin, bytes - begin);
  }
};

/// Waits for a whole head in client.in, and says into `head_read` what has come.
net::Task<void> read_request_head(Downstream& client, RequestHeadRead& head_read);

}  // namespace bearer::relay
