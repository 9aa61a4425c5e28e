// curl as the client of a system test: what it got, taken apart.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/patience.h"
#include "tests/system/program.h"

namespace bearer::test {

struct Reply {
  int exit_status = 0;  ///< curl's own; 0 if a whole answer came
  int status = 0;       ///< of the last head; 0 if none came
  std::string head;     ///< the last one, from its status line to its empty line
  std::string body;
  std::string error;  ///< what curl said

  /// The value of the first field of that name in any case; empty if there is none.
  std::string field(std::string_view name) const;
};

/// Where BEARER_TEST_CLIENT_HTTP is 2, curl speaks HTTP/2 to this `http://host:port` as long as
/// this lives: so the same tests run twice. It has to end with its server, since the next server
/// may get the same port and speak HTTP/1.1 alone.
class AskedInHttp2 {
 public:
  explicit AskedInHttp2(std::string origin);
  AskedInHttp2(const AskedInHttp2&) = delete;
  AskedInHttp2& operator=(const AskedInHttp2&) = delete;
  ~AskedInHttp2();

 private:
  std::string origin_;
};

/// For `--max-time`: a bit less than kPatience, so that curl tells what it met before the test ends
/// the wait for it.
inline const std::string kCurlPatience =
    std::to_string((kPatience - std::chrono::seconds(5)).count());

/// curl with these arguments. Uses no proxy of the environment, and gives up after kCurlPatience.
Reply curl(const std::vector<std::string>& arguments);

/// The same, while the test does something else.
class Client {
 public:
  explicit Client(const std::vector<std::string>& arguments);
  Reply reply();  ///< waits for it; to be called once

 private:
  Program program_;
};

}  // namespace bearer::test
