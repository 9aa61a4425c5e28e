#include "app/shared_pauses.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace bearer::app {
namespace {

using std::chrono::milliseconds;
using Routes = std::vector<std::shared_ptr<relay::Route>>;

constexpr base::Duration kLook = milliseconds(250);
constexpr base::Duration kLookWhenUnreachable = std::chrono::seconds(2);
void say_begun(const relay::PauseBegun& pause) {
  const relay::RouteOptions& route = pause.route->options;
  base::log(base::LogLevel::info, "the route pauses: another proxy of the fleet was told to wait",
            {{"route", std::string_view(route.path)},
             {"upstream", std::string_view(route.upstream.host)},
             {"ms", std::chrono::duration_cast<milliseconds>(pause.left).count()}});
}

}  // namespace

StorePauses::StorePauses(token::StoreOptions store, std::vector<std::string> credentials,
                         SnapshotInForce snapshot, const base::Clock& clock)
    : store_(std::move(store)),
      credentials_(std::move(credentials)),
      snapshot_(std::move(snapshot)),
      clock_(clock),
      known_(store_, clock),
      pauses_(known_, clock),
      waiting_(clock),
      thread_([this] { run(); }) {}

StorePauses::~StorePauses() {
  stopping_ = true;
  known_.cancel();
  waiting_.wake();
  thread_.join();
}

void StorePauses::run() {
  while (!stopping_) {
    const bool asked = look();
    waiting_.wait_until(clock_.now() + (asked ? kLook : kLookWhenUnreachable));
  }
}

bool StorePauses::look() {
  const std::shared_ptr<const relay::Snapshot> snapshot = snapshot_();
  if (!snapshot) return true;
  Routes routes;
  for (const auto& route : snapshot->routes.routes()) {
    if (std::ranges::find(credentials_, route->options.credential) == credentials_.end()) continue;
    routes.push_back(route);
  }
  const auto begun = pauses_.share(routes);
  if (stopping_) return true;
  if (reachable_ != begun.has_value()) {
    reachable_ = begun.has_value();
    const std::string why = begun ? "" : begun.error().sentence();
    base::log(reachable_ ? base::LogLevel::info : base::LogLevel::warning,
              reachable_ ? "pauses are shared with the fleet again"
                         : "pauses are not shared with the fleet for now",
              {{"reason", std::string_view(why)}});
  }
  if (!begun) return false;
  for (const relay::PauseBegun& pause : *begun) say_begun(pause);
  return true;
}

void SharedPauses::apply(const base::SharedList<token::CredentialOptions>& credentials) {
  using Wanted = std::pair<token::StoreOptions, std::vector<std::string>>;
  std::vector<Wanted> wanted;
  for (const token::CredentialOptions& credential : credentials) {
    if (credential.store.kind != token::StoreOptions::Kind::redis) continue;
    auto store = std::ranges::find(wanted, credential.store, &Wanted::first);
    if (store == wanted.end()) store = wanted.insert(store, Wanted{credential.store, {}});
    store->second.push_back(credential.name);
  }
  std::erase_if(stores_, [&](const auto& store) {
    return std::ranges::find(wanted, Wanted{store->store(), store->credentials()}) == wanted.end();
  });
  for (Wanted& store : wanted) {
    const bool there = std::ranges::any_of(stores_, [&](const auto& one) {
      return one->store() == store.first && one->credentials() == store.second;
    });
    if (there) continue;
    try {
      stores_.push_back(std::make_unique<StorePauses>(std::move(store.first),
                                                      std::move(store.second), snapshot_, clock_));
    } catch (const std::system_error& error) {  // no descriptors or threads are left
      base::log(base::LogLevel::warning,
                "pauses are not shared with the fleet until the next SIGHUP or start",
                {{"reason", error.what()}});
    }
  }
}

}  // namespace bearer::app
