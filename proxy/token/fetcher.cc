#include "token/fetcher.h"

#include <exception>
#include <new>
#include <optional>

#include "base/internal_fault.h"

namespace bearer::token {

net::Task<base::Result<Fetched>> guarded_fetch(Fetcher& fetcher) {
  std::optional<base::Error> failure;
  try {
    co_return co_await fetcher.fetch();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& bug) {
    failure = base::internal_fault("the token could not be fetched", bug);
  }
  co_await fetcher.close();
  co_return *std::move(failure);
}

net::Task<void> await_spent(const Fetcher& fetcher, net::Sleeper& sleeper) {
  const net::Loop& loop = sleeper.loop();
  const base::Instant patience_ends = base::after(loop.clock().now(), kSpendingGrace);
  while (fetcher.spending() && loop.now() < patience_ends) co_await sleeper.sleep(patience_ends);
}

net::Task<void> end_fetch(Fetcher& fetcher, net::Task<void>& under_way, net::Sleeper& sleeper) {
  co_await await_spent(fetcher, sleeper);
  under_way = {};
  co_await fetcher.close();
}

}  // namespace bearer::token
