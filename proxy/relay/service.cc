#include "relay/service.h"

#include <cassert>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "net/dialer.h"
#include "net/tls_context.h"

namespace bearer::relay {

namespace {

/// Names the setting of a file that TLS cannot use.
base::Error unusable_file(const base::Error& error) {
  if (error.code == base::Errc::client_certificate_unusable) {
    return {error.code, "client_cert: it cannot be used (" + error.detail +
                            "); check client_cert and client_key"};
  }
  return {error.code, "ca_file: the trusted certificates cannot be loaded (" + error.detail +
                          "); name a file of PEM certificates"};
}

}  // namespace

Service::Service(const ServiceOptions& options, std::vector<RouteOptions> routes, Parts parts)
    : parts_(std::move(parts)), routes_(std::move(routes)) {
  rules_ = {options.allowed_hosts, options.allowed_origins, options.denied_methods,
            options.denied_paths};
  for (const auto& route : routes_.routes()) {
    if (!route->options.host.empty()) rules_.hosts.push_back(route->options.host);
  }
}

base::Result<std::unique_ptr<Service>> Service::make(const ServiceOptions& options,
                                                     std::vector<RouteOptions> routes, Parts parts,
                                                     MakeDialer make_dialer) {
  std::unique_ptr<Service> made(new Service(options, std::move(routes), std::move(parts)));
  if (!make_dialer) {
    make_dialer = [service = made.get()](const RouteOptions& route, net::Loop& loop) {
      return service->dial_tcp(route, loop);
    };
  }
  for (std::size_t i = 0; i < options.threads; ++i) {
    const base::Result<void> added = made->add_worker(options, make_dialer);
    if (!added) return added.error();
  }
  return made;
}

base::Result<std::unique_ptr<net::Dialer>> Service::dial_tcp(const RouteOptions& route,
                                                             net::Loop& loop) {
  const http::Url& upstream = route.upstream;
  std::unique_ptr<net::TlsContext> tls;
  if (upstream.tls) {
    auto made = net::TlsContext::make(
        {route.ca_file, upstream.host, route.client_cert_file, route.client_key_file});
    if (!made) return unusable_file(made.error());
    tls = std::move(*made);
  }
  return std::unique_ptr<net::Dialer>(
      std::make_unique<net::TcpDialer>(loop, resolver_, upstream.host, upstream.port,
                                       std::move(tls), route.egress.proxy_for(upstream.host)));
}

base::Result<void> Service::add_worker(const ServiceOptions& options,
                                       const MakeDialer& make_dialer) {
  auto worker = std::make_unique<Worker>(Worker::Parts{
      .clock = parts_.clock,
      .routes = routes_,
      .rules = rules_,
      .observer = parts_.observer,
      .random = std::make_unique<base::JitterRandom>(),
      // The limit is dealt out to the loops, so that none has to ask the others.
      .clients_max = (options.connections_max + options.threads - 1) / options.threads,
      .allowed_uids = options.allowed_uids,
      .drained = [this] {
        const std::lock_guard lock(mutex_);
        --undrained_;
        changed_.notify_all();
      }});
  std::map<std::string, TokenSlot*> slots;
  for (const auto& [name, source] : parts_.credentials) {
    slots[name] = &worker->add_credential(*source);
  }
  for (const auto& route : routes_.routes()) {
    auto dialer = make_dialer(route->options, worker->loop());
    if (!dialer) return dialer.error();
    TokenSlot* slot = slots[route->options.credential];
    assert(slot);
    worker->add_lane(std::make_unique<Lane>(*route, *slot, std::move(*dialer), worker->loop()));
  }
  for (const net::Listener& listener : parts_.listeners) worker->listen_on(listener.fd());
  workers_.push_back(std::move(worker));
  return {};
}

void Service::start() {
  undrained_ = workers_.size();
  for (const auto& worker : workers_) {
    threads_.emplace_back([&loop = worker->loop()] { loop.run(); });
  }
}

bool Service::drain(base::Duration patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  listening_ = workers_.size();
  for (const auto& worker : workers_) {
    worker->loop().post([this, &drained = *worker] {
      drained.drain();
      const std::lock_guard lock(mutex_);
      --listening_;
      changed_.notify_all();
    });
  }
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return cut_ || listening_ == 0; });
  // Whoever comes now is refused: a client in the queue of an open socket would wait for nothing.
  if (listening_ == 0) parts_.listeners.clear();
  changed_.wait_until(lock, deadline, [&] { return cut_ || undrained_ == 0; });
  return undrained_ == 0;
}

void Service::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  changed_.notify_all();
}

Service::~Service() {
  for (const auto& worker : workers_) worker->loop().stop();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace bearer::relay
