#include "app/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>

#include "app/process.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/text.h"

namespace bearer::app {
namespace {

/// A service manager that is only busy reads within this time. The thread that waits starts the
/// reload and the drain, so one that reads no more must not hold them up.
constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};

/// nullopt unless the watchdog is for this process.
std::optional<base::Duration> watchdog_of(const std::string& microseconds, const std::string& pid) {
  const auto count = base::parse_decimal(microseconds);
  constexpr std::uint64_t kDay = 86'400'000'000;
  if (!count || *count == 0 || *count > kDay) return std::nullopt;
  if (!pid.empty() && pid != std::to_string(getpid())) return std::nullopt;
  return std::chrono::microseconds(*count);
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  std::string path = take_variable("NOTIFY_SOCKET");
  const std::string microseconds = take_variable("WATCHDOG_USEC");
  const std::string pid = take_variable("WATCHDOG_PID");
  if (path.empty()) return ServiceManager("");
  if ((path.front() != '/' && path.front() != '@') ||
      path.size() >= sizeof(sockaddr_un::sun_path)) {
    base::log(base::LogLevel::warning,
              "the service manager cannot be told anything: NOTIFY_SOCKET is neither a path nor an "
              "abstract name",
              {{"NOTIFY_SOCKET", std::string_view(path)}});
    return ServiceManager("");
  }
  return ServiceManager(std::move(path), watchdog_of(microseconds, pid));
}

void ServiceManager::reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // as sd_notify(3) requires
  send("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000));
}

void ServiceManager::send_now(std::string_view state) const {
  send(state, MSG_DONTWAIT);
}

void ServiceManager::send(std::string_view state, int flags) const {
  if (!listens()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (path_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  const base::Descriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const bool sent = fd.open() && sendto(fd.get(), state.data(), state.size(), flags | MSG_NOSIGNAL,
                                        reinterpret_cast<sockaddr*>(&address), size) >= 0;
  if (!sent) {
    const char* reason = errno == EAGAIN ? "it does not read" : std::strerror(errno);
    base::log(base::LogLevel::warning, "the service manager could not be told",
              {{"state", state}, {"reason", std::string_view(reason)}});
  }
}

}  // namespace bearer::app
