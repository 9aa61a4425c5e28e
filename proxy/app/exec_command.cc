#include "app/exec_command.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "app/child.h"
#include "app/job.h"
#include "app/main_loop.h"
#include "app/proxy.h"
#include "app/signals.h"
#include "app/summary.h"
#include "base/advice.h"
#include "base/log.h"
#include "config/environment.h"

namespace bearer::app {
namespace {

/// Our environment, without the secrets and with the proxy's addresses.
std::vector<std::string> environment_of_job(const config::Command& command, const Proxy& proxy) {
  const std::string& url = proxy.urls().front();
  config::Environment environment = config::process_environment();
  for (const std::string& name : command.settings.secret_variables) environment.erase(name);
  environment["BEARER_PROXY_URL"] = url;
  environment.erase("BEARER_PROXY_ADMIN_URL");  // of a proxy that runs us
  for (const std::string& admin : proxy.admin_urls()) environment["BEARER_PROXY_ADMIN_URL"] = admin;
  for (const std::string& name : command.execution.url_variables) environment[name] = url;
  std::vector<std::string> entries;
  for (const auto& [name, value] : environment) {
    entries.push_back(name);
    entries.back().append("=").append(value);
  }
  return entries;
}

base::Duration patience(const config::Settings& settings) {
  return std::ranges::max(settings.routes, {}, &relay::RouteOptions::token_wait).token_wait;
}

/// The sum over all credentials.
token::RefreshCounts tokens(const CredentialSet& credentials) {
  token::RefreshCounts sum;
  for (const auto& [name, refresher] : credentials.in_force()) {
    const token::RefreshCounts counts = refresher->counts();
    sum.fetched += counts.fetched;
    sum.shared += counts.shared;
  }
  return sum;
}

/// A loop has counted its clients' answers only after it has turned once more.
void await_beat(relay::Service& service) {
  constexpr std::chrono::seconds kPatience{1};  // do not wait for a loop that hangs
  const auto turned = std::make_shared<std::promise<void>>();
  service.beat([turned] { turned->set_value(); });
  turned->get_future().wait_for(kPatience);
}

/// Runs the job with its proxy, which is destroyed when this returns.
int run_job(const config::Command& command, const InheritedState& found) {
  MainLoop main_loop;
  const auto proxy = Proxy::make(command.settings, {.main_loop = main_loop});
  if (!proxy) return fail(proxy.error());
  const CredentialSet& credentials = (*proxy)->credentials();
  Job job(main_loop, credentials, base::system_clock());
  const Signals signals(kJobSignals, [&](const siginfo_t& signal, base::Instant) {
    main_loop.post([&job, signal] { job.on_signal(signal); });
  });
  (*proxy)->start();
  for (const std::string& admin : (*proxy)->admin_urls()) base::say("admin on " + admin);
  if (const auto status = job.await_tokens(patience(command.settings))) return *status;
  (*proxy)->apply_tokens();  // also for the job's first request
  const int status = job.run(command.execution.argv, environment_of_job(command, **proxy), found);
  relay::Service& service = (*proxy)->service();
  await_beat(service);
  // A job's last act may be an upload that was answered before its end.
  if (!job.await_uploads(service, command.settings.service.drain_timeout)) {
    base::say("an upload was answered as a success, but not sent to its end; " +
              base::advice_on(base::Trouble::drain_too_short));
  }
  await_beat(service);
  base::say(summary(service.totals(), tokens(credentials)));
  return status;
}

}  // namespace

int exec(const config::Command& command, const InheritedState& found) {
  Signals::block(kJobSignals);
  adopt_orphans();
  const int status = run_job(command, found);
  if (!end_children()) base::say("the command left processes behind that cannot be ended");
  return status;
}

}  // namespace bearer::app
