#include "app/proxy.h"

#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/exit_status.h"
#include "base/clock.h"
#include "base/internal_fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/listener.h"
#include "net/pipe.h"
#include "relay/body/spill_file.h"

namespace bearer::app {
namespace {

// For listeners, loops, the log, token requests, name lookups, and clients of the admin port.
constexpr rlim_t kOwnDescriptors = 32;
// Beyond this, clients are more likely to wait in backoff than to be at upstreams.
constexpr rlim_t kUpstreamDescriptorsMax = 5000;

/// Each client needs a descriptor, and its request another one. The limit is shared equally between
/// clients and upstreams; otherwise clients that wait would leave none for requests to upstreams.
void share_out_descriptors(std::size_t& connections_max, std::size_t threads) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t own = kOwnDescriptors + threads * net::PipePool::kDescriptorsMax;
  // No more than that: programs that close all descriptors that they might have would take long.
  const rlim_t wanted =
      own + connections_max + std::min<rlim_t>(connections_max, kUpstreamDescriptorsMax);
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, wanted));
  setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t shared = std::max(limit.rlim_max, own + 2) - own;
  const rlim_t for_clients = shared - std::min(shared / 2, kUpstreamDescriptorsMax);
  if (connections_max <= for_clients) return;
  base::log(base::LogLevel::warning,
            "fewer clients than --max-connections are taken: the limit on file descriptors "
            "(ulimit -Hn) is low",
            {{"descriptors", static_cast<std::int64_t>(limit.rlim_max)},
             {"clients", static_cast<std::int64_t>(for_clients)}});
  connections_max = for_clients;
}

/// An error of a path already says what to do.
base::Error unusable(const net::Address& address, const base::Error& error) {
  const char* fix = address.path.empty() ? "; name another address with --listen" : "";
  return {error.code, error.detail + fix};
}

base::Result<std::vector<net::Listener>> open_listeners(const config::Settings& settings) {
  std::vector<net::Listener> listeners;
  for (const net::Address& address : settings.listen) {
    auto opened = net::Listener::open(address, settings.service.socket_mode);
    if (!opened) return unusable(address, opened.error());
    std::ranges::move(*opened, std::back_inserter(listeners));
  }
  return listeners;
}

base::Result<std::unique_ptr<relay::AccessLog>> open_access_log(
    const relay::ServiceOptions& options) {
  if (options.access_log.empty()) return std::unique_ptr<relay::AccessLog>();
  return relay::AccessLog::open(options.access_log, options.access_log_query, base::system_clock());
}

/// Returns the data plane's options: those of `settings`, and the names of its own addresses.
relay::ServiceOptions service_options(const config::Settings& settings) {
  relay::ServiceOptions options = settings.service;
  for (const net::Address& address : settings.listen) {
    if (!address.host.empty()) options.allowed_hosts.push_back(address.host);
  }
  return options;
}

/// Makes the values again, so that they lie together. They were made amid what reading them took,
/// and each would keep a page of that in memory.
template <typename T>
void repack(base::SharedList<T>& list) {
  list = std::vector<T>(list.begin(), list.end());
}

/// Null if spans are not sent.
std::unique_ptr<TraceExporter> make_traces(const relay::ServiceOptions& options) {
  if (!options.traces) return nullptr;
  return std::make_unique<TraceExporter>(*options.traces, BEARER_VERSION, base::system_clock());
}

/// The sources by name, as routes see them.
relay::TokenSources sources(const CredentialSet::Refreshers& refreshers) {
  return {refreshers.begin(), refreshers.end()};
}

/// Returns those of `routes` whose upstream differs from that in `snapshot`, which has the same
/// routes.
std::vector<relay::RouteOptions> moved(const relay::Snapshot& snapshot,
                                       const base::SharedList<relay::RouteOptions>& routes) {
  std::vector<relay::RouteOptions> moved;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const relay::RouteOptions& before = snapshot.routes.routes()[i]->options;
    if (before.upstream != routes[i].upstream) moved.push_back(routes[i]);
  }
  return moved;
}

void say_moved(const std::vector<relay::RouteOptions>& routes) {
  for (const relay::RouteOptions& route : routes) {
    const std::string label = route.label();
    const std::string upstream = route.upstream.text();
    base::log(base::LogLevel::info, "the token's answer names the route's upstream",
              {{"route", std::string_view(label)},
               {"upstream", std::string_view(upstream)},
               {"credential", std::string_view(route.credential)}});
  }
}

}  // namespace

Proxy::Proxy(config::Settings settings, MainLoop& main_loop,
             std::unique_ptr<relay::AccessLog> access_log, std::unique_ptr<AdminPort> admin)
    : settings_(std::move(settings)),
      main_loop_(main_loop),
      access_log_(std::move(access_log)),
      log_observer_(access_log_.get()),
      credentials_(base::system_clock()),
      traces_(make_traces(settings_.service)),
      admin_(std::move(admin)),
      pauses_([this] { return service_->snapshot(); }, base::system_clock()) {}

Proxy::~Proxy() {
  admin_->stop();
}

void Proxy::start() {
  service_->start();
  admin_->start({credentials_, *service_, access_log_.get(), traces_.get()});
}

base::Result<void> Proxy::apply(config::Settings wanted) {
  wanted.credentials.share_with(settings_.credentials);
  wanted.routes.share_with(settings_.routes);
  CredentialSet::Refreshers refreshers = credentials_.prepare(wanted.credentials);
  const base::Result<void> reloaded = service_->reload(
      service_options(wanted), upstreams_.moved_routes(wanted, refreshers), sources(refreshers));
  if (!reloaded) return reloaded;
  credentials_.take(std::move(refreshers), wanted.credentials);
  pauses_.apply(wanted.credentials);
  settings_ = std::move(wanted);
  admin_->apply(settings_);
  follow_tokens();
  return {};
}

void Proxy::follow_tokens() {
  subscriptions_.clear();
  const CredentialSet::Refreshers refreshers = credentials_.in_force();
  for (const config::UpstreamFromToken& rule : settings_.upstreams_from_tokens) {
    subscriptions_.push_back(refreshers.at(rule.credential)->subscribe([this] {
      main_loop_.post([this] {
        base::notify("a route could not follow the upstream that its token names",
                     [this] { apply_tokens(); });
      });
    }));
  }
  apply_tokens();  // of tokens that came before
}

void Proxy::apply_tokens() {
  const CredentialSet::Refreshers refreshers = credentials_.in_force();
  const base::SharedList<relay::RouteOptions> routes =
      upstreams_.moved_routes(settings_, refreshers);
  const std::vector<relay::RouteOptions> others = moved(*service_->snapshot(), routes);
  if (others.empty()) return;
  const base::Result<void> reloaded =
      service_->reload(service_options(settings_), routes, sources(refreshers));
  if (reloaded) return say_moved(others);
  base::log(base::LogLevel::warning, "the token's answer names another upstream; the former stays",
            {{"reason", std::string_view(reloaded.error().detail)}});
}

base::Result<std::unique_ptr<Proxy>> Proxy::make(config::Settings settings, Parts parts) {
  base::return_free_memory();  // what reading the configuration took
  repack(settings.credentials);
  repack(settings.routes);
  relay::ServiceOptions options = service_options(settings);
  share_out_descriptors(options.connections_max, options.threads);
  warn_of_no_temporary_files();
  auto access_log = open_access_log(options);
  if (!access_log) return access_log.error();
  base::Result<std::vector<net::Listener>> listeners = std::move(parts.listeners);
  if (listeners->empty()) listeners = open_listeners(settings);
  if (!listeners) return listeners.error();

  auto admin = AdminPort::open(settings, base::system_clock());
  if (!admin) return admin.error();

  std::unique_ptr<Proxy> made(
      new Proxy(std::move(settings), parts.main_loop, std::move(*access_log), std::move(*admin)));
  made->urls_ = urls_of(*listeners);
  const config::Settings& in_force = made->settings_;
  CredentialSet& credentials = made->credentials_;
  credentials.take(credentials.prepare(in_force.credentials), in_force.credentials);
  auto service =
      relay::Service::make(options, in_force.routes, sources(credentials.in_force()),
                           {.clock = base::system_clock(),
                            .observer = made->log_observer_,
                            .listeners = std::move(*listeners),
                            .traces = made->traces_ ? &made->traces_->queue() : nullptr});
  if (!service) return service.error();
  made->service_ = std::move(*service);
  made->pauses_.apply(in_force.credentials);
  made->follow_tokens();
  base::return_free_memory();
  return made;
}

void warn_of_no_temporary_files() {
  const base::Result<void> written = relay::SpillFile().append("x");
  if (written) return;
  base::log(base::LogLevel::warning,
            "bodies above --replay-memory are kept in memory, and only while it has room: " +
                written.error().sentence());
}

int fail(const base::Error& error) {
  base::say(error.sentence());
  // An unusable file that a setting names is a configuration error.
  const bool setting = error.code == base::Errc::file_unreadable ||
                       error.code == base::Errc::client_certificate_unusable;
  return setting ? kUsageError : kRuntimeFailure;
}

}  // namespace bearer::app
