// Metrics in Prometheus' format: families of samples, made for each scrape from the counts of the
// parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/latency.h"

namespace bearer::base {

enum class MetricType { counter, gauge, histogram };

struct MetricLabel {
  std::string name;
  std::string value;  ///< any text
};
using MetricLabels = std::vector<MetricLabel>;

/// The samples of one name: its help, its type, and a sample for each combination of labels.
struct MetricFamily {
  std::string name;  ///< the whole name
  std::string help;
  MetricType type;
  std::string samples = {};  ///< in the exposition format; add_sample() writes them
};
using MetricFamilies = std::vector<MetricFamily>;

/// `name` without the prefix `bearer_proxy_`; a counter's ends in `_total`.
MetricFamily counter_family(const std::string& name, const std::string& help);
MetricFamily gauge_family(const std::string& name, const std::string& help);
MetricFamily histogram_family(const std::string& name, const std::string& help);

/// REQUIRES: not a histogram.
void add_sample(MetricFamily& family, const MetricLabels& labels, double value);
void add_sample(MetricFamily& family, const MetricLabels& labels, std::uint64_t value);
void add_sample(MetricFamily& family, const MetricLabels& labels, Duration value);  ///< in seconds
/// In seconds. Uses the bounds 1, 2 and 5 of each decade. REQUIRES: a histogram.
void add_sample(MetricFamily& family, const MetricLabels& labels, const Latencies& latencies);

/// This process's metrics, by the names of every Prometheus client: process_cpu_seconds_total,
/// process_resident_memory_bytes and others. Values that the system does not tell are left out.
MetricFamilies process_metrics();

/// The text of Prometheus's exposition format, version 0.0.4.
std::string exposition(const MetricFamilies& families);

}  // namespace bearer::base
