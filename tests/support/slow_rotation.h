// A token endpoint that rotates refresh tokens, and answers only when the test lets it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/raw_server.h"

namespace bearer::test {

/// Takes requests of a public client with client_id=id. The n-th gets the access token access-n and
/// the refresh token grant-n. One request at a time.
class SlowRotation {
 public:
  ~SlowRotation() { let_answer(); }  // its thread may wait for that

  std::uint16_t port() const { return server_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/token"; }

  /// Blocks until the n-th request has come; returns the form that it brought.
  std::string await_request(std::size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return forms_.size() >= n; });
    return forms_[n - 1];
  }
  std::size_t requests() {
    const std::lock_guard lock(mutex_);
    return forms_.size();
  }
  /// From now on requests are answered, those that wait too.
  void let_answer() {
    const std::lock_guard lock(mutex_);
    answers_ = true;
    changed_.notify_all();
  }

 private:
  void serve(RawConnection& connection) {
    connection.read_until("\r\n\r\n");
    const std::string form = connection.read_until("client_id=id");
    std::unique_lock lock(mutex_);
    forms_.push_back(form);
    changed_.notify_all();
    changed_.wait(lock, [this] { return answers_; });
    const std::string n = std::to_string(forms_.size());
    const std::string body = R"({"access_token":"access-)" + n +
                             R"(","expires_in":3600,"refresh_token":"grant-)" + n + "\"}";
    connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> forms_;
  bool answers_ = false;
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

}  // namespace bearer::test
