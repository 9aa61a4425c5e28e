// A client's keep-alive connection: one request under way at a time, its answer's body counted and
// thrown away.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/peers/socket.h"

namespace bearer::bench {

/// `GET PATH`, with the fields that an HTTP library sends.
std::string get_request(std::string_view path);
/// The head of an upload of `body_bytes`.
std::string post_head(std::string_view path, std::uint64_t body_bytes);

class Caller {
 public:
  enum class Progress { waiting, answered, broken };

  /// Connects.
  explicit Caller(std::uint16_t port) : socket_(connect_to_loopback(port)) {}

  int fd() const { return socket_.get(); }

  /// Writes what fits; returns how much. Throws std::system_error if the connection is lost.
  std::size_t write(std::string_view bytes);
  /// Writes a request that surely fits, as all do that follow an answer.
  void send(std::string_view request);

  /// Reads once. `broken`: it ended too soon, or is no answer with a Content-Length.
  Progress receive(std::span<char> scratch);

  /// Of the answer that is complete or coming.
  int status() const { return status_; }

 private:
  Progress take(std::string_view bytes);

  Descriptor socket_;
  std::string head_;                        ///< of an answer that came in pieces
  std::optional<std::uint64_t> body_left_;  ///< once the head is whole
  int status_ = 0;
};

}  // namespace bearer::bench
