#include "relay/service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <iterator>
#include <utility>

#include "base/memory.h"
#include "base/text.h"
#include "net/dialer.h"
#include "net/tls_context.h"
#include "relay/body/spill_file.h"

namespace bearer::relay {

namespace {

/// The time for the replies that a drain sends at its end to requests that still wait.
constexpr std::chrono::seconds kLastReplies{1};

/// Names the setting of a file that TLS cannot use.
base::Error unusable_file(const base::Error& error) {
  if (error.code == base::Errc::client_certificate_unusable) {
    return {error.code, "client_cert: it cannot be used (" + error.detail +
                            "); check client_cert and client_key"};
  }
  return {error.code, "ca_file: the trusted certificates cannot be loaded (" + error.detail +
                          "); name a file of PEM certificates"};
}

/// Merges the lists of all loops, in the order that RequestList::read() has. Of those that ended,
/// no more than `kept` are listed.
std::vector<RequestRecord> one_list(std::vector<RequestRecord> all, std::size_t most,
                                    std::size_t kept) {
  const auto ended = std::stable_partition(
      all.begin(), all.end(), [](const RequestRecord& request) { return !request.over; });
  std::ranges::stable_sort(all.begin(), ended, std::less<>(), &RequestRecord::began);
  std::ranges::stable_sort(ended, all.end(), std::greater<>(),
                           [](const RequestRecord& one) { return one.began + one.took; });
  const auto spare = [](auto first, auto last, std::size_t wanted) {
    const auto size = static_cast<std::size_t>(last - first);
    return static_cast<std::ptrdiff_t>(size - std::min(size, wanted));
  };
  all.erase(all.end() - spare(ended, all.end(), std::min(most, kept)), all.end());
  all.erase(ended - spare(all.begin(), ended, most), ended);
  return all;
}

/// The number of ended requests that each loop keeps: its share, and a few more than that where
/// there are many loops, because they do not serve equally many.
std::size_t requests_kept(const ServiceOptions& options) {
  const std::size_t share = (options.requests_kept + options.threads - 1) / options.threads;
  return std::max(share, std::min(options.requests_kept, RequestList::kKeptLeast));
}

}  // namespace

base::Result<void> check_certificates(const RouteOptions& route) {
  // The system's own store takes a while to load, and no setting names it.
  if (route.ca_file.empty() && route.client_cert_file.empty()) return {};
  const auto made = net::TlsContext::make(
      {route.ca_file, route.upstream.host, route.client_cert_file, route.client_key_file});
  if (made) return {};
  return unusable_file(made.error());
}

Service::Service(const ServiceOptions& options, Parts parts, MakeDialer make_dialer)
    : parts_(std::move(parts)),
      make_dialer_(std::move(make_dialer)),
      requests_kept_(options.requests_kept),
      replay_budget_(ReplayBudget::limits(options.replay_bytes_total, base::memory_limit_bytes(),
                                          SpillFile::in_memory())) {
  if (!make_dialer_) {
    make_dialer_ = [this](const RouteOptions& route, net::Loop& loop) {
      return dial_tcp(route, loop);
    };
  }
  for (std::size_t i = 0; i < options.threads; ++i) add_loop(options);
}

base::Result<std::unique_ptr<Service>> Service::make(const ServiceOptions& options,
                                                     const base::SharedList<RouteOptions>& routes,
                                                     TokenSources credentials, Parts parts,
                                                     MakeDialer make_dialer) {
  std::unique_ptr<Service> made(new Service(options, std::move(parts), std::move(make_dialer)));
  made->snapshot_ = std::make_shared<const Snapshot>(options, routes, std::move(credentials));
  auto dialers = made->dial_all(*made->snapshot_);
  if (!dialers) return dialers.error();
  for (std::size_t i = 0; i < made->loops_.size(); ++i) {
    Sessions& sessions = *made->loops_[i];
    sessions.apply(std::make_shared<LoopRoutes>(made->snapshot_, std::move((*dialers)[i]),
                                                made->registry_, sessions.loop()));
    for (const net::Listener& listener : made->parts_.listeners) sessions.listen_on(listener.fd());
  }
  return made;
}

base::Result<void> Service::reload(const ServiceOptions& options,
                                   const base::SharedList<RouteOptions>& routes,
                                   TokenSources credentials) {
  auto snapshot =
      std::make_shared<const Snapshot>(options, routes, std::move(credentials), snapshot_.get());
  auto made = dial_all(*snapshot);
  if (!made) return made.error();
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_.swap(snapshot);
  }
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    auto dialers = std::make_shared<Dialers>(std::move((*made)[i]));  // a posted function is copied
    loops_[i]->loop().post([this, &sessions = *loops_[i], snapshot = snapshot_, dialers] {
      sessions.apply(
          std::make_shared<LoopRoutes>(snapshot, std::move(*dialers), registry_, sessions.loop()));
    });
  }
  return {};
}

base::Result<Service::Dialers> Service::dial_all(const Snapshot& snapshot, net::Loop& loop) {
  Dialers dialers;
  for (const auto& route : snapshot.routes.routes()) {
    auto dialer = make_dialer_(route->options, loop);
    if (!dialer) return dialer.error();
    dialers.push_back(std::move(*dialer));
  }
  return dialers;
}

base::Result<std::vector<Service::Dialers>> Service::dial_all(const Snapshot& snapshot) {
  std::vector<Dialers> all;
  for (const auto& sessions : loops_) {
    auto dialers = dial_all(snapshot, sessions->loop());
    if (!dialers) return dialers.error();
    all.push_back(std::move(*dialers));
  }
  return all;
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

void Service::add_loop(const ServiceOptions& options) {
  auto sessions = std::make_unique<Sessions>(Sessions::Parts{
      .clock = parts_.clock,
      .observer = parts_.observer,
      .registry = registry_,
      .random = std::make_unique<base::JitterRandom>(),
      .replay_budget = &replay_budget_,
      .traces = parts_.traces,
      // Each loop gets a share of the limit, so that none has to ask the others while it has room.
      .clients_max = (options.connections_max + options.threads - 1) / options.threads,
      .requests_kept = requests_kept(options),
      .drained =
          [this] {
            const std::lock_guard lock(mutex_);
            --undrained_;
            changed_.notify_all();
          },
      .siblings = &siblings_});
  siblings_.all.push_back(sessions.get());
  sessions->loop().may_spin(options.spin);
  loops_.push_back(std::move(sessions));
}

void Service::start() {
  undrained_ = loops_.size();
  for (const auto& sessions : loops_) {
    threads_.emplace_back([&loop = sessions->loop()] { loop.run(); });
  }
}

void Service::beat(const std::function<void()>& then) {
  const auto outstanding = std::make_shared<std::atomic<std::size_t>>(loops_.size());
  for (const auto& sessions : loops_) {
    sessions->loop().post([outstanding, then] {
      if (--*outstanding == 0) then();
    });
  }
}

void Service::requests(const RequestFilter& filter,
                       std::function<void(std::vector<RequestRecord>)> then) {
  struct Gathered {
    std::mutex mutex;
    std::size_t outstanding;
    std::vector<RequestRecord> all;
    std::function<void(std::vector<RequestRecord>)> then;
  };
  const auto gathered = std::make_shared<Gathered>();
  gathered->outstanding = loops_.size();
  gathered->then = std::move(then);
  for (const auto& sessions : loops_) {
    sessions->loop().post(
        [gathered, filter, kept = requests_kept_, &context = sessions->context()] {
          std::vector<RequestRecord> its = context.requests.read(filter, context.now());
          const std::lock_guard lock(gathered->mutex);
          std::ranges::move(its, std::back_inserter(gathered->all));
          if (--gathered->outstanding > 0) return;
          gathered->then(one_list(std::move(gathered->all), filter.most, kept));
        });
  }
}

std::shared_ptr<const Snapshot> Service::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

Service::Drained Service::drain(base::Duration patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  listening_ = loops_.size();
  for (const auto& sessions : loops_) {
    sessions->loop().post([this, &drained = *sessions] {
      drained.drain();
      const std::lock_guard lock(mutex_);
      --listening_;
      changed_.notify_all();
    });
  }
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return cut_ || listening_ == 0; });
  // Newcomers are refused: a client in the queue of an open socket would wait for nothing.
  if (listening_ == 0) parts_.listeners.clear();
  changed_.wait_until(lock, deadline, [&] { return cut_ || undrained_ == 0; });
  if (undrained_ == 0) return Drained::wholly;
  if (!cut_) {
    for (const auto& sessions : loops_) {
      sessions->loop().post([&waiting = *sessions] { waiting.end_waits(); });
    }
    const auto over = [&] { return cut_ || undrained_ == 0; };
    if (changed_.wait_for(lock, kLastReplies, over) && !cut_) return Drained::wholly;
    lock.unlock();
    return any_in_flight() ? Drained::late : Drained::wholly;
  }
  lock.unlock();
  // It is no loss if clients are idle, or still read the end of an answer.
  return any_in_flight() ? Drained::cut : Drained::wholly;
}

bool Service::any_in_flight() {
  // Shared with the last loop, which may still use it when we wake.
  const auto turned = std::make_shared<std::promise<void>>();
  beat([turned] { turned->set_value(); });
  // A loop that does not turn still has its requests in flight.
  if (turned->get_future().wait_for(kLastReplies) != std::future_status::ready) return true;
  const Totals now = totals();
  return std::ranges::any_of(now.routes, [](const auto& one) { return one.second.in_flight > 0; });
}

std::uint64_t Service::rests() const {
  std::uint64_t all = 0;
  for (const auto& sessions : loops_) all += sessions->context().rests.value();
  return all;
}

void Service::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  changed_.notify_all();
}

Service::~Service() {
  for (const auto& sessions : loops_) sessions->loop().stop();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace bearer::relay
