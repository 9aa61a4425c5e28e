#include "relay/telemetry/route_counters.h"

#include <algorithm>
#include <functional>

namespace bearer::relay {
namespace {

template <typename Array>
void add(Array& sums, const Array& more) {
  std::ranges::transform(sums, more, sums.begin(), std::plus<>());
}

template <std::size_t N>
std::array<std::uint64_t, N> values(const std::array<base::Count, N>& counts) {
  std::array<std::uint64_t, N> read{};
  std::ranges::transform(counts, read.begin(), &base::Count::value);
  return read;
}

}  // namespace

RouteTotals& RouteTotals::operator+=(const RouteTotals& other) {
  for (const auto& [kind, count] : other.requests) requests[kind] += count;
  add(by_version, other.by_version);
  add(answers_by_version, other.answers_by_version);
  latencies += other.latencies;
  unrelayed += other.unrelayed;
  add(attempts, other.attempts);
  add(waited.by_reason, other.waited.by_reason);
  add(waiting, other.waiting);
  if (other.certificate.seen > certificate.seen) certificate = other.certificate;
  add(bodies_unkept, other.bodies_unkept);
  request_bytes += other.request_bytes;
  response_bytes += other.response_bytes;
  add(cut_short, other.cut_short);
  resumed += other.resumed;
  in_flight += other.in_flight;
  upstream_active += other.upstream_active;
  upstream_idle += other.upstream_idle;
  return *this;
}

bool RouteCounters::used() const {
  return in_flight.value() > 0 || !requests_.empty();
}

void RouteCounters::attempt_ended(const AttemptEnd& end) {
  attempts_[static_cast<std::size_t>(end.cause)].add();
}

void RouteCounters::exchange_ended(const ExchangeEnd& end) {
  requests_.add({counted_method(end.request.method, end.request.method_text()), end.status});
  by_version_[static_cast<std::size_t>(end.request.version())].add();
  latencies_.record(end.took);
  if (end.status == 0 || !end.error.empty()) unrelayed_.record(end.took);
  if (end.request_bytes > 0) request_bytes_.add(end.request_bytes);
  if (end.response_bytes > 0) response_bytes_.add(end.response_bytes);
  if (!end.whole && end.status != 0) cut_short_[static_cast<std::size_t>(end.cut)].add();
  if (end.resumed > 0) resumed_.add(static_cast<std::uint64_t>(end.resumed));
}

RouteTotals RouteCounters::read(base::Instant now) const {
  RouteTotals totals;
  totals.requests = requests_.read();
  totals.unrelayed = unrelayed_.read();
  totals.by_version = values(by_version_);
  totals.answers_by_version = values(answers_);
  totals.latencies = latencies_.read();
  totals.attempts = values(attempts_);
  for (std::size_t i = 0; i < waits_.size(); ++i) {
    const WaitMeter::Reading reading = waits_[i].read(now);
    totals.waiting[i] = reading.waiting;
    totals.waited.by_reason[i] = reading.waited;
  }
  totals.certificate = certificate_.get();
  totals.bodies_unkept = values(bodies_unkept_);
  totals.request_bytes = request_bytes_.value();
  totals.response_bytes = response_bytes_.value();
  totals.cut_short = values(cut_short_);
  totals.resumed = resumed_.value();
  totals.in_flight = in_flight.value();
  totals.upstream_active = upstream_active.value();
  totals.upstream_idle = upstream_idle.value();
  return totals;
}

}  // namespace bearer::relay
