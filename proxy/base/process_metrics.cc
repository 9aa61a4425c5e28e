#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "base/metrics.h"

namespace bearer::base {
namespace {

void add(MetricFamilies& families, const char* name, const char* help, MetricType type,
         double value) {
  MetricFamily family{name, help, type};
  add_sample(family, {}, value);
  families.push_back(std::move(family));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// The 22nd field of /proc/self/stat, in clock ticks since the machine started. The second field,
/// the program's name, may hold blanks and parentheses.
std::optional<double> start_ticks() {
  std::ifstream in("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t name_ends = text.rfind(')');
  if (name_ends == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_ends + 1));
  std::string field;
  for (int number = 3; number < 22; ++number) rest >> field;
  double ticks = 0;
  return rest >> ticks ? std::optional(ticks) : std::nullopt;
}

std::optional<double> machine_start() {
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    double seconds = 0;
    if (words >> name >> seconds && name == "btime") return seconds;
  }
  return std::nullopt;
}

std::optional<double> start_time() {
  const auto ticks = start_ticks();
  const auto booted = machine_start();
  if (!ticks || !booted) return std::nullopt;
  return *booted + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void add_memory(MetricFamilies& families) {
  double pages = 0;
  double resident = 0;
  std::ifstream in("/proc/self/statm");
  if (!(in >> pages >> resident)) return;
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  add(families, "process_virtual_memory_bytes", "Size of the address space", MetricType::gauge,
      pages * page_bytes);
  add(families, "process_resident_memory_bytes", "Memory that is resident", MetricType::gauge,
      resident * page_bytes);
}

void add_descriptors(MetricFamilies& families) {
  std::error_code error;
  std::filesystem::directory_iterator open("/proc/self/fd", error);
  int count = -1;  // without the listing's own
  for (; !error && open != std::filesystem::directory_iterator(); open.increment(error)) ++count;
  if (!error) {
    add(families, "process_open_fds", "Open file descriptors", MetricType::gauge, count);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  add(families, "process_max_fds", "Limit on open file descriptors", MetricType::gauge,
      static_cast<double>(limit.rlim_cur));
}

}  // namespace

MetricFamilies process_metrics() {
  static const std::optional<double> kStarted = start_time();
  MetricFamilies families;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    add(families, "process_cpu_seconds_total", "User and system CPU time", MetricType::counter,
        seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  add_memory(families);
  add_descriptors(families);
  if (kStarted) {
    add(families, "process_start_time_seconds", "Start of the process since the epoch",
        MetricType::gauge, *kStarted);
  }
  return families;
}

}  // namespace bearer::base
