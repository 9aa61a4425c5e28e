#include "tests/sandbox/faults.h"

#include <array>
#include <cassert>
#include <stdexcept>
#include <string>

#include "tests/sandbox/chance.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr std::size_t kRequestsRemembered = 1'000'000;

double parse_share(std::string_view text) {
  std::size_t used = 0;
  const double percent = text.ends_with('%') ? std::stod(std::string(text), &used) : -1;
  if (used + 1 != text.size() || percent < 0 || percent > 100) {
    throw std::invalid_argument("not a share: a share looks like 5%");
  }
  return percent / 100;
}

std::uint64_t parse_count(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) throw std::invalid_argument("not a number");
  return *number;
}

void set(FaultOptions& options, std::string_view name, std::string_view value) {
  if (name == "seed") {
    options.seed = parse_count(value);
  } else if (name == "401") {
    options.unauthorized = parse_share(value);
  } else if (name == "429") {
    options.rate_limited = parse_share(value);
  } else if (name == "5xx") {
    options.server_error = parse_share(value);
  } else if (name == "reset") {
    options.reset = parse_share(value);
  } else if (name == "delay") {
    options.delayed = parse_share(value);
  } else if (name == "after") {
    options.after = parse_share(value);
  } else if (name == "delay-ms") {
    options.delay = Milliseconds(parse_count(value));
  } else if (name == "in-a-row") {
    options.in_a_row_max = parse_count(value);
  } else {
    throw std::invalid_argument("no such fault");
  }
}

/// With the wait named in the two ways that are in use, or in neither.
Answer rate_limited(std::uint64_t variant) {
  Answer answer{.status = 429,
                .body = R"({"message":"Rate limit exceeded the maximum.","code":)"
                        R"("too.many.requests","status":429})"};
  const std::vector<Pair> quota = {{"inin-ratelimit-count", "301"},
                                   {"inin-ratelimit-allowed", "300"},
                                   {"inin-ratelimit-reset", "1"}};
  if (variant % 3 != 0) answer.fields = quota;
  if (variant % 3 == 1) answer.fields.emplace_back("Retry-After", "1");
  return answer;
}

Answer server_error(std::uint64_t variant) {
  switch (variant % 5) {
    case 0: return {.status = 500, .body = R"({"code":"internal.server.error","status":500})"};
    case 1: return {.status = 502, .body = "<html>502 Bad Gateway</html>", .type = "text/html"};
    case 2: return {.status = 503, .fields = {{"Retry-After", "1"}}};
    case 3: return {.status = 503, .body = R"({"code":"service.unavailable","status":503})"};
    default: return {.status = 504, .body = R"({"code":"gateway.timeout","status":504})"};
  }
}

/// None that says that the request was not carried out.
Answer failure_after(std::uint64_t variant) {
  constexpr std::array kStatuses = {500, 502, 504};
  const std::size_t chosen = variant % (kStatuses.size() + 1);
  if (chosen == kStatuses.size()) return {.reset = true};
  const std::string status = std::to_string(kStatuses[chosen]);
  return {.status = kStatuses[chosen], .body = R"({"status":)" + status + "}"};
}

}  // namespace

std::string_view name(Fault fault) {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::unauthorized: return "401";
    case Fault::rate_limited: return "429";
    case Fault::server_error: return "5xx";
    case Fault::reset: return "reset";
    case Fault::delayed: return "delay";
    case Fault::after: return "after";
  }
  return "";
}

FaultOptions parse_faults(std::string_view text) {
  FaultOptions options;
  while (!text.empty()) {
    const std::string_view part = take_until(text, ',');
    std::string_view value = part;
    const std::string_view name = take_until(value, '=');
    try {
      set(options, name, value);
    } catch (const std::logic_error& error) {
      throw std::invalid_argument("'" + std::string(part) + "': " + error.what());
    }
  }
  return options;
}

Draw Faults::draw(std::string_view key) {
  const std::uint64_t id = hash(key);
  const std::lock_guard lock(mutex_);
  if (past_.size() >= kRequestsRemembered) past_.clear();
  Past& past = past_[id];
  const std::uint64_t chance = mix(mix(options_.seed ^ id) + past.arrivals++);
  Fault fault = pick(unit(chance));
  if (options_.in_a_row_max > 0 && past.faults_in_a_row >= options_.in_a_row_max) {
    fault = Fault::none;
  }
  const bool answered = fault == Fault::none || fault == Fault::delayed;
  past.faults_in_a_row = answered ? 0 : past.faults_in_a_row + 1;
  return {fault, mix(chance)};
}

Fault Faults::pick(double chance) const {
  const std::array shares = {std::pair{Fault::unauthorized, options_.unauthorized},
                             std::pair{Fault::rate_limited, options_.rate_limited},
                             std::pair{Fault::server_error, options_.server_error},
                             std::pair{Fault::reset, options_.reset},
                             std::pair{Fault::delayed, options_.delayed},
                             std::pair{Fault::after, options_.after}};
  for (const auto& [fault, share] : shares) {
    if (chance < share) return fault;
    chance -= share;
  }
  return Fault::none;
}

Answer fault_answer(const Draw& draw) {
  switch (draw.fault) {
    case Fault::unauthorized:
      return {.status = 401,
              .body = R"({"code":"bad.credentials","status":401})",
              .fields = {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}}};
    case Fault::rate_limited: return rate_limited(draw.variant);
    case Fault::server_error: return server_error(draw.variant);
    case Fault::reset: return {.reset = true};
    case Fault::after: return failure_after(draw.variant);
    case Fault::none:
    case Fault::delayed: break;
  }
  assert(false && "this fault has no answer of its own");
  return {};
}

}  // namespace bearer::sandbox
