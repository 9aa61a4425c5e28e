#include "token/fetcher.h"

namespace bearer::token {

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
