#include "tests/sandbox/users.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/sandbox/chance.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kPageSize = 25;
constexpr std::uint64_t kPageSizeMax = 500;
constexpr std::uint64_t kPageNumberMax = 1'000'000;

Json make_user(std::uint64_t seed, std::uint64_t index) {
  const std::string number = std::to_string(index + 1);
  return {{"id", make_uuid(seed, index)},
          {"name", "User " + number},
          {"email", "user" + number + "@example.com"},
          {"state", "active"},
          {"version", mix(seed + index) % 40 + 1}};
}

std::string page_target(std::uint64_t size, std::uint64_t number) {
  return "/api/v2/users?pageSize=" + std::to_string(size) + "&pageNumber=" + std::to_string(number);
}

/// The parameter's value, or `fallback` if it is left out; 0 if it is no number.
std::uint64_t parameter(const Request& request, std::string_view name, std::uint64_t fallback) {
  const std::string_view text = find(request.query, name);
  return text.empty() ? fallback : parse_number(text).value_or(0);
}

}  // namespace

Answer list_users(const UserOptions& options, const Request& request) {
  const std::uint64_t size = parameter(request, "pageSize", kPageSize);
  const std::uint64_t number = parameter(request, "pageNumber", 1);
  if (size < 1 || size > kPageSizeMax || number < 1 || number > kPageNumberMax) {
    return {.status = 400,
            .body = R"({"code":"bad.request","message":"no such page","status":400})"};
  }

  const std::uint64_t first = (number - 1) * size;
  const std::uint64_t end = std::min(options.total, first + size);
  Json entities = Json::array();
  for (std::uint64_t i = first; i < end; ++i) entities.push_back(make_user(options.seed, i));

  const std::uint64_t page_count = (options.total + size - 1) / size;
  Json page = {{"entities", std::move(entities)},
               {"pageSize", size},
               {"pageNumber", number},
               {"total", options.total},
               {"pageCount", page_count}};
  Answer answer;
  if (number < page_count) {
    const std::string base = options.absolute_links ? request.origin : "";
    const std::string next = base + page_target(size, number + 1);
    page["nextUri"] = next;
    page["next"] = next;
    answer.fields.emplace_back("Link", "<" + next + ">; rel=\"next\"");
  }
  answer.body = page.dump();
  return answer;
}

}  // namespace bearer::sandbox
