// The endpoints of the admin port (deploy/docs/watching.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/history.h"
#include "admin/hooks.h"
#include "admin/reply.h"
#include "http/host_field.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::admin {

/// Used on one loop's thread. That loop outlives the loops that Hooks::beat asks.
class Endpoints {
 public:
  /// `hosts` are those that access_check() takes.
  Endpoints(Hooks hooks, std::vector<std::string> hosts)
      : hooks_(std::move(hooks)), hosts_(std::move(hosts)) {}

  struct Question {
    const http::RequestHead& head;
    bool from_this_machine;  ///< over a unix socket or loopback: it may change things
    net::Sleeper& sleeper;   ///< the requesting coroutine's
    const http::CameInAt& came_in_at;
    std::string_view body = {};  ///< with a PUT
  };
  /// The objects that `question` refers to outlive the task.
  net::Task<Reply> answer(Question question);

  /// Adds a sample to the history. Call it each History::kInterval.
  void sample() { history_.add(hooks_.counts()); }

 private:
  Reply ready() const;
  Reply change(std::string_view path);
  Reply change_log_level(std::string_view word);
  net::Task<Reply> health(net::Sleeper& sleeper);
  net::Task<Reply> requests(std::string_view query, net::Sleeper& sleeper);

  const Hooks hooks_;
  const std::vector<std::string> hosts_;
  History history_;
};

}  // namespace bearer::admin
