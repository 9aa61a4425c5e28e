#include "tests/system/curl.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace bearer::test {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::multiset<std::string>& origins_of_http2() {
  static std::multiset<std::string> origins;
  return origins;
}

bool asks_in_http2(const std::vector<std::string>& arguments) {
  const char* version = std::getenv("BEARER_TEST_CLIENT_HTTP");
  if (!version || std::string_view(version) != "2") return false;
  return std::ranges::any_of(arguments, [](const std::string& argument) {
    return std::ranges::any_of(origins_of_http2(), [&](const std::string& origin) {
      return argument.starts_with(origin + "/");
    });
  });
}

std::vector<std::string> command(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"curl",         "--disable", "--silent",
                                   "--show-error", "--include", "--max-time",
                                   kCurlPatience,  "--noproxy", "*"};
  if (asks_in_http2(arguments)) argv.emplace_back("--http2-prior-knowledge");
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

}  // namespace

AskedInHttp2::AskedInHttp2(std::string origin) : origin_(std::move(origin)) {
  origins_of_http2().insert(origin_);
}

AskedInHttp2::~AskedInHttp2() {
  origins_of_http2().extract(origin_);
}

std::string Reply::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    const std::size_t value = line.find_first_not_of(" \t", name.size() + 1);
    return value == std::string_view::npos ? "" : std::string(line.substr(value));
  }
  return "";
}

Reply curl(const std::vector<std::string>& arguments) {
  return Client(arguments).reply();
}

Client::Client(const std::vector<std::string>& arguments) : program_(command(arguments)) {}

Reply Client::reply() {
  program_.close_stdin();
  Reply reply;
  reply.body = program_.read_rest();
  reply.exit_status = program_.wait();
  reply.error = program_.errors();
  // A 1xx head comes before the one that counts, and a redirect that is followed.
  while (reply.body.starts_with("HTTP/")) {
    const std::size_t end = reply.body.find(kHeadEnd);
    if (end == std::string::npos) break;
    reply.head = reply.body.substr(0, end + kHeadEnd.size());
    reply.body.erase(0, reply.head.size());
    reply.status = std::atoi(reply.head.c_str() + reply.head.find(' '));
  }
  return reply;
}

}  // namespace bearer::test
