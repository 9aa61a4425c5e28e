// A platform's server that judges each request, and the token of a workload that names a preset.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/command_line.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "token/refresh/factory.h"

namespace bearer::test::workload {

using namespace std::chrono_literals;
using nlohmann::json;

struct Asked {
  std::string line;  ///< `GET /path HTTP/1.1`
  std::string head;  ///< with the line
  std::string body;

  std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

struct Reply {
  int status = 200;
  std::string body;
  const char* content_type = "application/json";
};

inline Reply answer(const json& body, int status = 200) {
  return {status, body.dump()};
}

/// A server of the platform: judges each request and keeps it.
class Platform {
 public:
  explicit Platform(std::function<Reply(const Asked&)> judge)
      : judge_(std::move(judge)), server_([this](test::RawConnection& connection) {
          Asked asked;
          asked.head = connection.read_until("\r\n\r\n");
          asked.line = asked.head.substr(0, asked.head.find("\r\n"));
          const std::string length = asked.field("Content-Length");
          if (!length.empty()) asked.body = connection.read_bytes(std::stoul(length));
          const Reply reply = judge_(asked);
          {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(asked));
          }
          connection.write("HTTP/1.1 " + std::to_string(reply.status) +
                           " X\r\nContent-Type: " + reply.content_type + "\r\nContent-Length: " +
                           std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
        }) {}

  std::string authority() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::string url(const std::string& path = "") const { return "http://" + authority() + path; }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  const std::function<Reply(const Asked&)> judge_;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  test::RawServer server_;
};

/// Fetches as a workload does that names the preset, in this environment.
inline base::Result<token::Fetched> fetch(const std::vector<std::string>& settings,
                                          const config::Environment& environment = {}) {
  std::vector<std::string> all = settings;
  all.insert(all.end(), {"--upstream", "https://api.example.com"});
  const config::Command command =
      config::parse_command_line(all, environment, config::real_files());
  return token::fetch_once(command.settings.credentials.at(0));
}

inline void check_token(const base::Result<token::Fetched>& fetched, std::string_view token,
                        base::Duration lifetime) {
  if (!fetched) MESSAGE(fetched.error().sentence());
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == token);
  const base::Duration off = fetched->lifetime() - lifetime;
  CHECK(off >= -2s);
  // Counted from the moment of the request, after which a platform may take its time.
  CHECK(off < 60s);
}

inline std::string epoch_in(std::chrono::seconds ahead) {
  const auto now = std::chrono::system_clock::now() + ahead;
  return std::to_string(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

inline std::string iso_in(std::chrono::seconds ahead) {
  return base::format_utc(base::system_clock().wall() + ahead);
}

/// Opaque, in the shapes of each.
inline constexpr const char* kGoogle = "ya29.d.c0AZ4bNpa_9Qw.....v2";
inline constexpr const char* kIdToken =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOiJodHRwczovL3MuYS5ydW4uYXBwIn0.c2lnbmF0dXJl";

}  // namespace bearer::test::workload
