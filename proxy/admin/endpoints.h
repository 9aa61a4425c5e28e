// The endpoints of the admin port (contract section 7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "admin/history.h"
#include "admin/hooks.h"
#include "http/host_field.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::admin {

/// Used on one loop's thread; that loop outlives those whom Hooks::beat asks.
class Endpoints {
 public:
  /// `hosts` are those that refuse() takes.
  Endpoints(Hooks hooks, std::vector<std::string> hosts)
      : hooks_(std::move(hooks)), hosts_(std::move(hosts)) {}

  struct Question {
    const http::RequestHead& head;
    bool from_this_machine;  ///< over a unix socket or loopback: may change something
    net::Sleeper& sleeper;   ///< of the coroutine that asks
    const http::CameInAt& came_in_at;
    std::string_view body = {};  ///< of a PUT
  };
  /// The things that `question` refers to outlive the task.
  net::Task<Reply> answer(Question question);

  /// Notes what the history is made of; to be called each History::kInterval.
  void sample() { history_.add(hooks_.status()); }

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
