#include "app/named_users.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "net/address.h"

namespace bearer::app {

void check_named_users(const config::Settings& settings) {
  const std::vector<unsigned>& users = settings.service.allowed_uids;
  if (users.empty()) return;
  bool told_apart = settings.admin && !settings.admin->path.empty();
  std::string ports;
  for (const net::Address& address : settings.listen) {
    if (address.path.empty()) {
      ports.append(ports.empty() ? "" : ", ").append(address.text());
    } else {
      told_apart = true;
    }
  }
  if (!told_apart) {
    throw config::ConfigError("allow_uid = \"" + std::to_string(users.front()) +
                              "\": no unix socket is there on which it would hold, only " + ports +
                              ", where every user is served; listen on one with --listen "
                              "unix:PATH, or leave allow_uid out");
  }
  if (ports.empty()) return;
  base::log(base::LogLevel::warning,
            "--allow-uid holds on unix sockets only: every user of this machine is served on these "
            "addresses",
            {{"addresses", std::string_view(ports)}});
}

}  // namespace bearer::app
