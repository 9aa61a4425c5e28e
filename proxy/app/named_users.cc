#include "app/named_users.h"

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "net/address.h"
#include "net/sock_diag.h"

namespace bearer::app {
namespace {

/// Lists the addresses that are ports.
std::string list(const std::vector<net::Address>& addresses, bool beyond_this_machine) {
  std::string list;
  for (const net::Address& address : addresses) {
    if (!address.path.empty() || (beyond_this_machine && address.is_local())) continue;
    list.append(list.empty() ? "" : ", ").append(address.text());
  }
  return list;
}

std::string ports_of(const config::Settings& settings, bool beyond_this_machine) {
  std::vector<net::Address> addresses = settings.listen;
  if (settings.admin) addresses.push_back(*settings.admin);
  return list(addresses, beyond_this_machine);
}

}  // namespace

config::Settings for_own_user(config::Settings settings) {
  std::vector<unsigned>& users = settings.service.allowed_uids;
  if (!users.empty() || settings.any_user) return settings;
  const std::string ports = ports_of(settings, false);
  const auto kernel = net::SockDiag::open();
  if (!ports.empty() && !kernel) {
    // Nobody asked for the check, and the job matters more than what a sandbox hides.
    base::log(base::LogLevel::warning, "every user of this machine is served",
              {{"addresses", std::string_view(ports)},
               {"reason", std::string_view(kernel.error().detail)}});
    return settings;
  }
  users = {geteuid()};
  if (geteuid() != 0) users.push_back(0);
  return settings;
}

void check_named_users(const config::Settings& settings) {
  const std::vector<unsigned>& users = settings.service.allowed_uids;
  if (users.empty()) return;
  const std::string ports = ports_of(settings, false);
  if (ports.empty()) return;
  const auto kernel = net::SockDiag::open();
  if (!kernel) {
    throw config::ConfigError("allow_uid = \"" + std::to_string(users.front()) + "\": " +
                              kernel.error().detail + ", so nobody could be kept out of " + ports +
                              "; listen on unix sockets alone (--listen unix:PATH), or serve every "
                              "user with --allow-uid any");
  }
  const std::string open = ports_of(settings, true);
  if (open.empty()) return;
  base::log(base::LogLevel::warning,
            "--allow-uid names users of this machine: whoever comes from another one is served",
            {{"addresses", std::string_view(open)}});
}

}  // namespace bearer::app
