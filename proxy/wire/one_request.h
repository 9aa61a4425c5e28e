// Sends one request and reads its response over an open connection (RFC 9112), for rare requests:
// to a token endpoint, for a document, a check of the upstream. The data plane has its own way,
// which copies nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "http/head_parser.h"
#include "http/message.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"

namespace bearer::wire {

/// The bytes that came so far. They never move, so views into them stay valid, and pages that no
/// byte reached cost nothing. They are wiped, because a token may be among them.
class Inbox {
 public:
  explicit Inbox(std::size_t bytes_max);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  std::span<char> room() { return {memory_.get() + size_, bytes_max_ - size_}; }
  void filled(std::size_t count) { size_ += count; }
  std::string_view bytes() const { return {memory_.get() + read_, size_ - read_}; }
  void consume(std::size_t count) { read_ += count; }
  std::size_t bytes_max() const { return bytes_max_; }

 private:
  const std::size_t bytes_max_;
  const std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
  std::size_t read_ = 0;
};

/// Call send(), read_head() and read_body() in this order, each at most once. Errors of all three:
/// connection_lost, with what the peer said about it as detail; response_timeout;
/// response_malformed, with what is wrong as detail.
class OneRequest {
 public:
  /// The stream wakes the sleeper of `wait`, whose deadline is for the whole exchange. Both outlive
  /// this object. A response of more than `bytes_max`, head and body, is malformed.
  OneRequest(net::Stream& stream, net::Wait wait, std::size_t bytes_max)
      : stream_(stream), wait_(wait), inbox_(bytes_max) {}

  /// Sends the request. It is no error if the server closed early and has answered: read_head() has
  /// its response.
  net::Task<base::Result<void>> send(std::string_view text);

  /// Reads the final response's head, without interim ones. Its views last as long as this object.
  net::Task<base::Result<void>> read_head(http::ResponseHead& head);

  /// The body of the response with this head to a request of this method, without its framing.
  net::Task<base::Result<base::Secret>> read_body(http::Method method,
                                                  const http::ResponseHead& head);

 private:
  /// False at the stream's end.
  net::Task<base::Result<bool>> receive();
  base::Error lost() const;

  net::Stream& stream_;
  const net::Wait wait_;
  bool late_ = false;  ///< the deadline has passed; what has come by then is still read
  Inbox inbox_;
  std::string unfolded_;  // the head, if it was folded, else empty
};

}  // namespace bearer::wire
