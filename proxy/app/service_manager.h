// This tells systemd how we are, by sd_notify(3) without its library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bearer::app {

/// Says nothing where nobody listens: the program was not started by a service manager. Thread-safe
/// once made. A service manager that reads nothing is waited for, unless it says otherwise.
class ServiceManager {
 public:
  /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: they are not for a
  /// program that we start. Called before there is another thread.
  static ServiceManager of_environment();

  /// `path` as NOTIFY_SOCKET has it: an absolute path, or an abstract name behind an `@`. Empty:
  /// nobody is told.
  explicit ServiceManager(std::string path, std::optional<base::Duration> watchdog = {})
      : path_(std::move(path)), watchdog_(watchdog) {}

  void ready() const { send("READY=1"); }
  /// Until the next ready().
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }
  /// Waits for nobody: an event loop may call it.
  void alive() const { send_now("WATCHDOG=1"); }
  /// One line for a person, as `systemctl status` shows it. Waits for nobody either.
  void status(std::string_view line) const { send_now("STATUS=" + std::string(line)); }

  bool listens() const { return !path_.empty(); }
  /// Without an alive() within this time we are ended as hung; nullopt: nobody watches.
  std::optional<base::Duration> watchdog() const { return watchdog_; }

 private:
  void send(std::string_view state, int flags = 0) const;
  void send_now(std::string_view state) const;

  const std::string path_;
  const std::optional<base::Duration> watchdog_;
};

}  // namespace bearer::app
