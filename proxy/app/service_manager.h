// Reports our state to systemd, by sd_notify(3) without its library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bearer::app {

/// Does nothing if no service manager started the program. Thread-safe after its construction.
/// Calls wait up to a second for a service manager that does not read, unless their comments say
/// otherwise. A state that it does not take is lost, and the log says so.
class ServiceManager {
 public:
  /// Removes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment, because they are
  /// not for a program that we start. Called before there is another thread.
  static ServiceManager of_environment();

  /// `path` as in NOTIFY_SOCKET: an absolute path, or an abstract name after an `@`. Empty: there
  /// is no service manager.
  explicit ServiceManager(std::string path, std::optional<base::Duration> watchdog = {})
      : path_(std::move(path)), watchdog_(watchdog) {}

  void ready() const { send("READY=1"); }
  /// Holds until the next ready().
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }
  /// Does not wait, so an event loop may call it.
  void alive() const { send_now("WATCHDOG=1"); }
  /// One line for a person, which `systemctl status` shows. Does not wait either.
  void status(std::string_view line) const { send_now("STATUS=" + std::string(line)); }

  bool listens() const { return !path_.empty(); }
  /// If no alive() comes within this time, we are ended as hung; nullopt: there is no watchdog.
  std::optional<base::Duration> watchdog() const { return watchdog_; }

 private:
  void send(std::string_view state, int flags = 0) const;
  void send_now(std::string_view state) const;

  const std::string path_;
  const std::optional<base::Duration> watchdog_;
};

}  // namespace bearer::app
