#include "base/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/support/said.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

test::Said has_line(const std::string& text, const std::string& line) {
  return test::says("\n" + text, "\n" + line + "\n");
}

}  // namespace

TEST_CASE("counters and gauges are written with help, type and labels, and these escaped") {
  base::MetricFamily counter = base::counter_family("x_total", "What x is");
  base::add_sample(counter, {{"route", "/a\"b\\c\nd"}}, std::uint64_t{3});
  base::MetricFamily gauge = base::gauge_family("y", "What y is");
  base::add_sample(gauge, {}, 0.5);
  const std::string text = base::exposition({counter, gauge});
  CHECK(has_line(text, "# HELP bearer_proxy_x_total What x is"));
  CHECK(has_line(text, "# TYPE bearer_proxy_x_total counter"));
  CHECK(has_line(text, R"(bearer_proxy_x_total{route="/a\"b\\c\nd"} 3)"));
  CHECK(has_line(text, "# TYPE bearer_proxy_y gauge"));
  CHECK(has_line(text, "bearer_proxy_y 0.5"));
}

TEST_CASE("a help's line breaks are escaped, and its quotes are not") {
  const std::string text = base::exposition({base::gauge_family("y", "a \"b\"\n\\c")});
  CHECK(has_line(text, R"(# HELP bearer_proxy_y a "b"\n\\c)"));
}

TEST_CASE("a number is written in full, and what is none by Prometheus's words") {
  base::MetricFamily gauge = base::gauge_family("y", "What y is");
  for (const double value : {12345678901.0, 1.25e-7, -2.0, HUGE_VAL, -HUGE_VAL, std::nan("")}) {
    base::add_sample(gauge, {}, value);
  }
  CHECK(gauge.samples ==
        "bearer_proxy_y 12345678901\nbearer_proxy_y 0.000000125\nbearer_proxy_y -2\n"
        "bearer_proxy_y +Inf\nbearer_proxy_y -Inf\nbearer_proxy_y NaN\n");
}

TEST_CASE("a histogram is written in seconds, cumulative, with the round bounds") {
  base::LatencyRecorder recorder;
  recorder.record(140us);
  recorder.record(3s);
  recorder.record(1h);
  base::MetricFamily family = base::histogram_family("z_seconds", "What z is");
  base::add_sample(family, {{"route", "/"}}, recorder.read());
  const std::string text = base::exposition({family});
  CHECK(has_line(text, "# TYPE bearer_proxy_z_seconds histogram"));
  CHECK(has_line(text, R"(bearer_proxy_z_seconds_bucket{route="/",le="0.0001"} 0)"));
  CHECK(has_line(text, R"(bearer_proxy_z_seconds_bucket{route="/",le="0.0002"} 1)"));
  CHECK(has_line(text, R"(bearer_proxy_z_seconds_bucket{route="/",le="2"} 1)"));
  CHECK(has_line(text, R"(bearer_proxy_z_seconds_bucket{route="/",le="5"} 2)"));
  CHECK(has_line(text, R"(bearer_proxy_z_seconds_bucket{route="/",le="+Inf"} 3)"));
  CHECK(has_line(text, "bearer_proxy_z_seconds_count{route=\"/\"} 3"));
  CHECK_FALSE(text.find(R"(le="0.00015")") != std::string::npos);
}

TEST_CASE("the process tells its CPU time, memory, descriptors and start") {
  const std::string text = base::exposition(base::process_metrics());
  for (const char* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_max_fds", "process_start_time_seconds", "process_virtual_memory_bytes"}) {
    CAPTURE(name);
    CHECK(text.find("\n" + std::string(name) + " ") != std::string::npos);
  }
}
