#include "base/metrics.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace bearer::base {
namespace {

double exact_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

MetricFamily family(const std::string& name, const std::string& help, MetricType type) {
  return {"bearer_proxy_" + name, help, type};
}

/// True for the bounds that Prometheus gets, because it stores a series for each.
bool exposed(std::size_t bound) {
  constexpr std::size_t kADecade = 6;
  return bound % kADecade % 2 == 0;
}

std::string_view name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  return "untyped";
}

/// A help text may hold unescaped quotes.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quoted && c == '"')) out += '\\';
      out += c;
    }
  }
}

/// The shortest text without an exponent that is read as the same number.
std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  std::array<char, std::numeric_limits<double>::max_exponent10 + 32> digits;
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return written.ec == std::errc() ? std::string(digits.data(), written.ptr) : "NaN";
}

void append_label(std::string& out, std::string_view label, std::string_view value) {
  out += out.back() == '{' ? "" : ",";
  out += label;
  out += "=\"";
  append_escaped(out, value, true);
  out += '"';
}

/// `bound` is a bucket's `le`; empty if the sample is not a bucket.
void append_line(MetricFamily& family, std::string_view suffix, const MetricLabels& labels,
                 const std::string& bound, double value) {
  std::string& out = family.samples;
  out += family.name;
  out += suffix;
  if (!labels.empty() || !bound.empty()) {
    out += '{';
    for (const MetricLabel& label : labels) append_label(out, label.name, label.value);
    if (!bound.empty()) append_label(out, "le", bound);
    out += '}';
  }
  out += " " + number_text(value) + "\n";
}

}  // namespace

MetricFamily counter_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::counter);
}

MetricFamily gauge_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::gauge);
}

MetricFamily histogram_family(const std::string& name, const std::string& help) {
  return family(name, help, MetricType::histogram);
}

void add_sample(MetricFamily& family, const MetricLabels& labels, double value) {
  assert(family.type != MetricType::histogram);
  append_line(family, "", labels, "", value);
}

void add_sample(MetricFamily& family, const MetricLabels& labels, std::uint64_t value) {
  add_sample(family, labels, static_cast<double>(value));
}

void add_sample(MetricFamily& family, const MetricLabels& labels, Duration value) {
  add_sample(family, labels, exact_seconds(value));
}

void add_sample(MetricFamily& family, const MetricLabels& labels, const Latencies& latencies) {
  assert(family.type == MetricType::histogram);
  std::uint64_t cumulative = 0;
  const auto add_bucket = [&](double bound) {
    append_line(family, "_bucket", labels, number_text(bound), static_cast<double>(cumulative));
  };
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    cumulative += latencies.counts[i];
    if (exposed(i)) add_bucket(exact_seconds(kLatencyBounds[i]));
  }
  cumulative += latencies.counts.back();
  add_bucket(std::numeric_limits<double>::infinity());
  append_line(family, "_sum", labels, "", exact_seconds(latencies.sum));
  append_line(family, "_count", labels, "", static_cast<double>(cumulative));
}

std::string exposition(const MetricFamilies& families) {
  std::string text;
  for (const MetricFamily& family : families) {
    text += "# HELP " + family.name + " ";
    append_escaped(text, family.help, false);
    text += "\n# TYPE " + family.name + " ";
    text += name(family.type);
    text += "\n" + family.samples;
  }
  return text;
}

}  // namespace bearer::base
