// One client's connection, and the coroutine that serves it.
#pragma once

#include <sys/types.h>

#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "net/buffer.h"
#include "net/outbox.h"
#include "net/stream.h"
#include "net/task.h"
#include "relay/loop_context.h"

namespace bearer::relay {

/// Owned by the Sessions of its loop. While it is idle it holds no buffer.
struct Downstream {
  Downstream(LoopContext& its_context, std::unique_ptr<net::Stream> its_stream,
             std::optional<uid_t> its_user = {})
      : context(its_context), user(its_user), sleeper(context.loop), stream(std::move(its_stream)) {
    stream->set_waiter(&sleeper);
  }

  LoopContext& context;
  const std::optional<uid_t> user;  ///< of the process, over a unix socket
  net::Sleeper sleeper;
  std::unique_ptr<net::Stream> stream;
  net::Buffer in;   ///< bytes that were read and belong to no message yet
  net::Outbox out;  ///< what the client has not taken yet
  std::list<Downstream>::iterator self;
  net::Task<void> session;  ///< last: it refers to all of the above
};

}  // namespace bearer::relay
