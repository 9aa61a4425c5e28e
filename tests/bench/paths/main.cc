// How long one reading of the longest path takes, held to a route's prefix and to many rules:
// prints a line of JSON for each kind of path.
#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "http/path.h"

namespace {

using bearer::http::PathReading;

constexpr std::size_t kPathBytes = 16u << 10;  // a longer target is refused
constexpr int kRules = 30;
constexpr int kReadings = 2000;

std::string repeated(std::string_view part) {
  std::string path = "/api/v2/";
  while (path.size() + part.size() <= kPathBytes) path += part;
  return path;
}

/// None of them holds, so that each is looked at to its end.
std::vector<std::string> make_rules() {
  std::vector<std::string> rules;
  for (int i = 0; i < kRules; ++i) rules.push_back("/api/v2/denied/" + std::to_string(i));
  return rules;
}

bool refused(std::string_view path, const std::vector<std::string>& rules) {
  const PathReading reading(path);
  bool any = reading.leaves("/api/v2");
  for (const std::string& rule : rules) any |= reading.may_reach(rule);
  return any;
}

void measure(std::string_view kind, std::string_view part, const std::vector<std::string>& rules) {
  const std::string path = repeated(part);
  if (refused(path, rules)) std::abort();
  const std::clock_t began = std::clock();
  for (int i = 0; i < kReadings; ++i) {
    if (refused(path, rules)) std::abort();
  }
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  std::cout << R"({"path":")" << kind << R"(","microseconds":)" << seconds * 1e6 / kReadings << "}"
            << std::endl;
}

}  // namespace

int main() {
  const std::vector<std::string> rules = make_rules();
  measure("plain", "users/", rules);
  measure("separators", "/", rules);
  measure("encoded once", "%61/", rules);
  measure("encoded again and again", "%25%32%35%32%35%36%31/", rules);
  measure("encoded within encodings", "%%%%%32%35%36%31/", rules);
  measure("there and back", "a/../", rules);
  measure("there and back, encoded", "a%2f%252e%2e%5c", rules);
}
