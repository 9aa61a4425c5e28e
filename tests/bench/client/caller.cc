#include "bench/client/caller.h"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

#include "bench/peers/head.h"

namespace bearer::bench {
namespace {

constexpr std::string_view kFields =
    " HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    "User-Agent: bearer-bench/1.0\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip, deflate\r\n";

}  // namespace

std::string get_request(std::string_view path) {
  return "GET " + std::string(path) + std::string(kFields) + "\r\n";
}

std::string post_head(std::string_view path, std::uint64_t body_bytes) {
  return "POST " + std::string(path) + std::string(kFields) +
         "Content-Type: application/octet-stream\r\n"
         "Content-Length: " +
         std::to_string(body_bytes) + "\r\n\r\n";
}

std::size_t Caller::write(std::string_view bytes) {
  const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno != EAGAIN) fail("send");
  return 0;
}

void Caller::send(std::string_view request) {
  if (write(request) != request.size()) throw std::runtime_error("a request did not fit");
}

Caller::Progress Caller::receive(std::span<char> scratch) {
  const ssize_t got = ::recv(socket_.get(), scratch.data(), scratch.size(), 0);
  if (got < 0 && errno == EAGAIN) return Progress::waiting;
  if (got <= 0) return Progress::broken;
  return take({scratch.data(), static_cast<std::size_t>(got)});
}

Caller::Progress Caller::take(std::string_view bytes) {
  if (!body_left_) {
    if (!head_.empty()) bytes = head_.append(bytes);
    const std::size_t length = head_length(bytes);
    if (length == 0) {
      if (head_.empty()) head_ = bytes;
      return Progress::waiting;
    }
    const std::string_view head = bytes.substr(0, length);
    if (!head.starts_with("HTTP/1.1 ")) return Progress::broken;
    status_ = static_cast<int>(leading_number(head.substr(9)));
    body_left_ = content_length(head);
    if (!body_left_) return Progress::broken;
    bytes.remove_prefix(length);
  }
  if (bytes.size() > *body_left_) return Progress::broken;
  *body_left_ -= bytes.size();
  if (*body_left_ > 0) return Progress::waiting;
  body_left_.reset();
  head_.clear();
  return Progress::answered;
}

}  // namespace bearer::bench
