// One accepted connection: a request is read, answered, and then the next one. After a 101 its
// bytes are sent back as they come.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "bench/upstream/api.h"
#include "bench/upstream/transport.h"

namespace bearer::bench {

class Connection {
 public:
  /// What a connection waits for.
  enum class Wait { readable, writable, timer, nothing };  ///< nothing: it is over

  /// `api` outlives the connection.
  Connection(Transport transport, Api& api) : transport_(std::move(transport)), api_(api) {}

  Wait on_readable(std::span<char> scratch);
  Wait on_writable() { return write(); }
  /// The time of due() has come.
  Wait on_timer() { return answer(); }

  int fd() const { return transport_.fd(); }
  Instant due() const { return due_; }

  Wait waits_for = Wait::readable;  ///< kept by the loop

 private:
  Wait take(std::string_view bytes);
  Wait echo(std::string_view bytes);
  bool take_head(std::string_view bytes);
  Wait answer();
  Wait write();

  Transport transport_;
  Api& api_;
  std::string head_;  ///< of the request, until it is whole
  Request request_;
  bool reading_body_ = false;
  bool echoing_ = false;  ///< a 101 was the answer
  std::uint64_t body_left_ = 0;
  std::string out_;
  std::size_t out_sent_ = 0;
  std::uint64_t filler_left_ = 0;
  Instant due_;
};

}  // namespace bearer::bench
