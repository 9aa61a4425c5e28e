#include "base/metrics.h"

#include <prometheus/text_serializer.h>

#include <cassert>
#include <limits>
#include <utility>

namespace bearer::base {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

double exact_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

MetricFamily family(const std::string& name, const std::string& help, MetricType type) {
  return {"bearer_proxy_" + name, help, type, {}};
}

/// The bounds that Prometheus is told: it stores a series for each.
bool exposed(std::size_t bound) {
  constexpr std::size_t kADecade = 6;
  return bound % kADecade % 2 == 0;
}

}  // namespace

MetricFamily counter_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::Counter);
}

MetricFamily gauge_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::Gauge);
}

MetricFamily histogram_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::Histogram);
}

void add_sample(MetricFamily& family, MetricLabels labels, double value) {
  assert(family.type != MetricType::Histogram);
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

void add_sample(MetricFamily& family, MetricLabels labels, std::uint64_t value) {
  add_sample(family, std::move(labels), static_cast<double>(value));
}

void add_sample(MetricFamily& family, MetricLabels labels, Duration value) {
  add_sample(family, std::move(labels), exact_seconds(value));
}

void add_sample(MetricFamily& family, MetricLabels labels, const Latencies& latencies) {
  assert(family.type == MetricType::Histogram);
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    cumulative += latencies.counts[i];
    if (exposed(i))
      metric.histogram.bucket.push_back({cumulative, exact_seconds(kLatencyBounds[i])});
  }
  cumulative += latencies.counts.back();
  metric.histogram.bucket.push_back({cumulative, std::numeric_limits<double>::infinity()});
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = exact_seconds(latencies.sum);
  family.metric.push_back(std::move(metric));
}

std::string exposition(const MetricFamilies& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bearer::base
