#include "app/passed_sockets.h"

#include <unistd.h>

#include <utility>

#include "app/process.h"
#include "base/text.h"

namespace bearer::app {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kSocketsMax = 64;

}  // namespace

base::Result<std::vector<net::Listener>> take_passed_sockets() {
  const std::string pid = take_variable("LISTEN_PID");
  const std::string count = take_variable("LISTEN_FDS");
  const std::string all_names = take_variable("LISTEN_FDNAMES");
  std::vector<net::Listener> listeners;
  if (pid != std::to_string(getpid())) return listeners;  // they are for our parent
  if (count.empty()) return listeners;                    // none were passed
  const auto sockets = base::parse_decimal(count);
  if (!sockets || *sockets > kSocketsMax) {
    return base::Error{base::Errc::address_unusable, "LISTEN_FDS is no number of sockets"};
  }
  std::string_view names = all_names;
  for (int fd = kFirst; fd < kFirst + static_cast<int>(*sockets); ++fd) {
    const std::string name(base::take_until(names, ':'));
    auto listener = net::Listener::adopt(fd);
    if (!listener) {
      return base::Error{listener.error().code,
                         "the socket " +
                             (name.empty() ? std::to_string(fd) : base::printable(name, 100)) +
                             " that was passed (LISTEN_FDS) " + listener.error().detail};
    }
    listeners.push_back(std::move(*listener));
  }
  return listeners;
}

std::vector<net::Address> addresses_of(const std::vector<net::Listener>& listeners) {
  std::vector<net::Address> addresses;
  for (const net::Listener& listener : listeners) {
    addresses.push_back(net::parse_address(listener.address().text()).value());
  }
  return addresses;
}

config::Settings listening_on(const std::vector<net::Address>& passed, config::Settings settings) {
  if (passed.empty()) return settings;
  for (const net::Address& address : passed) {
    if (settings.allow_remote || address.is_local()) continue;
    throw config::ConfigError("the socket " + address.text() +
                              " that was passed (LISTEN_FDS) is not a loopback address: whoever "
                              "reaches it uses the token; add --allow-remote if that is meant");
  }
  settings.listen = passed;
  return settings;
}

}  // namespace bearer::app
