#include "relay/telemetry/metrics.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace bearer::relay {
namespace {

using base::add_sample;
using base::counter_family;
using base::gauge_family;
using base::MetricFamilies;
using base::MetricFamily;
using Routes = std::map<std::string, RouteTotals>;

/// A sample for each route.
template <typename Value>
MetricFamily of_routes(MetricFamily family, const Routes& routes, Value value) {
  for (const auto& [route, totals] : routes) add_sample(family, {{"route", route}}, value(totals));
  return family;
}

/// A sample for each route and reason.
template <typename Values, typename Names>
MetricFamily of_reasons(MetricFamily family, const Routes& routes, Values values,
                        const Names& names) {
  for (const auto& [route, totals] : routes) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      add_sample(family, {{"route", route}, {"reason", std::string(names[i])}}, values(totals, i));
    }
  }
  return family;
}

MetricFamily requests(const Routes& routes) {
  MetricFamily family = counter_family(
      "requests_total",
      "Requests by what their clients got; code 0: the client left before its answer");
  for (const auto& [route, totals] : routes) {
    for (const auto& [kind, count] : totals.requests) {
      add_sample(family,
                 {{"route", route},
                  {"method", std::string(kCountedMethods[kind.method])},
                  {"code", std::to_string(kind.status)}},
                 count);
    }
  }
  return family;
}

MetricFamily requests_by_version(const Routes& routes) {
  MetricFamily family =
      counter_family("requests_by_http_total", "Requests by the client's version of HTTP");
  for (const auto& [route, totals] : routes) {
    for (std::size_t i = 0; i < kHttpVersions.size(); ++i) {
      add_sample(family, {{"route", route}, {"http", std::string(kHttpVersions[i])}},
                 totals.by_version[i]);
    }
  }
  return family;
}

MetricFamily answers_by_version(const Routes& routes) {
  MetricFamily family = counter_family("upstream_responses_by_http_total",
                                       "Responses of upstreams by the version of HTTP");
  for (const auto& [route, totals] : routes) {
    for (const HttpVersion version : {HttpVersion::http_1_1, HttpVersion::http_2}) {
      const auto i = static_cast<std::size_t>(version);
      add_sample(family, {{"route", route}, {"http", std::string(kHttpVersions[i])}},
                 totals.answers_by_version[i]);
    }
  }
  return family;
}

MetricFamily upstream_connections(const Routes& routes) {
  MetricFamily family = gauge_family("upstream_connections", "Connections to upstreams");
  for (const auto& [route, totals] : routes) {
    add_sample(family, {{"route", route}, {"state", "active"}}, totals.upstream_active);
    add_sample(family, {{"route", route}, {"state", "idle"}}, totals.upstream_idle);
  }
  return family;
}

/// A sample for each upstream that has shown a certificate.
MetricFamily certificates(const Routes& routes) {
  MetricFamily family = gauge_family(
      "upstream_certificate_expiry_timestamp_seconds",
      "When the certificate ends that the upstream showed last, in seconds since the epoch");
  for (const auto& [route, totals] : routes) {
    const base::WallTime ends = totals.certificate.ends;
    if (ends == base::WallTime{}) continue;
    add_sample(family, {{"route", route}},
               std::chrono::duration<double>(ends.time_since_epoch()).count());
  }
  return family;
}

MetricFamily own_answers(const Totals& totals) {
  MetricFamily family =
      counter_family("own_answers_total", "Answers of the proxy's own, by error and status");
  for (const auto& [kind, count] : totals.replies) {
    const auto& [error, status] = kind;
    add_sample(family, {{"error", std::string(error)}, {"code", std::to_string(status)}}, count);
  }
  return family;
}

MetricFamily single(MetricFamily family, std::uint64_t value) {
  add_sample(family, {}, value);
  return family;
}

void add_route_counters(MetricFamilies& families, const Routes& routes) {
  families.push_back(requests(routes));
  families.push_back(requests_by_version(routes));
  families.push_back(answers_by_version(routes));
  families.push_back(of_routes(
      base::histogram_family("request_duration_seconds",
                             "From a request's head to the end of its answer, waits included"),
      routes, [](const RouteTotals& totals) { return totals.latencies; }));
  families.push_back(of_reasons(
      counter_family("attempts_total", "Attempts at the upstream, by what made them necessary"),
      routes, [](const RouteTotals& totals, std::size_t i) { return totals.attempts[i]; },
      kCauseNames));
  families.push_back(of_routes(counter_family("retry_wait_seconds_total",
                                              "Time that requests waited before retries, or "
                                              "because their route was told to wait"),
                               routes, [](const RouteTotals& totals) {
                                 const WaitTimes& waited = totals.waited;
                                 return waited[WaitFor::backoff] + waited[WaitFor::pause];
                               }));
  families.push_back(of_reasons(
      gauge_family("requests_waiting", "Requests that wait now, by what for"), routes,
      [](const RouteTotals& totals, std::size_t i) { return totals.waiting[i]; }, kWaitNames));
  families.push_back(of_reasons(
      counter_family("wait_seconds_total",
                     "Time that requests waited, by what for; counted while it passes"),
      routes, [](const RouteTotals& totals, std::size_t i) { return totals.waited.by_reason[i]; },
      kWaitNames));
  families.push_back(of_reasons(
      counter_family("bodies_not_kept_total", "Requests whose body could not be sent again"),
      routes, [](const RouteTotals& totals, std::size_t i) { return totals.bodies_unkept[i]; },
      kUnkeptNames));
  families.push_back(
      of_routes(counter_family("request_body_bytes_total", "Bytes of bodies from clients"), routes,
                [](const RouteTotals& totals) { return totals.request_bytes; }));
  families.push_back(
      of_routes(counter_family("response_body_bytes_total", "Bytes of bodies to clients"), routes,
                [](const RouteTotals& totals) { return totals.response_bytes; }));
  families.push_back(of_reasons(
      counter_family("answers_cut_short_total", "Answers that broke off, by why"), routes,
      [](const RouteTotals& totals, std::size_t i) { return totals.cut_short[i]; }, kCutNames));
  families.push_back(
      of_routes(counter_family("downloads_resumed_total", "Downloads that broke off and went on"),
                routes, [](const RouteTotals& totals) { return totals.resumed; }));
  families.push_back(of_routes(gauge_family("requests_in_flight", "Requests under way"), routes,
                               [](const RouteTotals& totals) { return totals.in_flight; }));
  families.push_back(upstream_connections(routes));
  families.push_back(certificates(routes));
}

void add_route_states(MetricFamilies& families, const Snapshot& snapshot, base::Instant now) {
  MetricFamily pause = gauge_family("route_paused_seconds", "Until a route's pause is over");
  MetricFamily limit =
      gauge_family("upstream_quota_limit", "Requests of a window, as the upstream told last");
  MetricFamily remaining =
      gauge_family("upstream_quota_remaining", "Requests that were left, as it told last");
  MetricFamily reset =
      gauge_family("upstream_quota_reset_seconds", "Until all are left again, as it told last");
  for (const auto& route : snapshot.routes.routes()) {
    const base::MetricLabels labels{{"route", route->options.label()}};
    add_sample(pause, labels, std::max(route->pause.ends() - now, base::Duration{}));
    const auto told = route->pacer.told();
    if (!told) continue;
    if (told->limit) add_sample(limit, labels, *told->limit);
    add_sample(remaining, labels, told->remaining);
    add_sample(reset, labels, std::max(told->resets - now, base::Duration{}));
  }
  families.insert(families.end(), {pause, limit, remaining, reset});
}

}  // namespace

MetricFamilies metrics_of(const Totals& totals, const Snapshot& snapshot, base::Instant now) {
  MetricFamilies families;
  add_route_counters(families, totals.routes);
  add_route_states(families, snapshot, now);
  families.push_back(own_answers(totals));
  families.push_back(
      single(gauge_family("client_connections", "Connections of clients"), totals.clients));
  families.push_back(
      single(gauge_family("client_streams", "Requests under way on HTTP/2 connections of clients"),
             totals.streams));
  families.push_back(single(gauge_family("event_loops", "Threads that serve"), totals.loops));
  families.push_back(
      single(counter_family("peers_refused_total", "Connections of users that are not served"),
             totals.peers_refused));
  families.push_back(
      single(counter_family("accept_failures_total", "Times that no connection could be taken"),
             totals.accepts_failed));
  return families;
}

}  // namespace bearer::relay
