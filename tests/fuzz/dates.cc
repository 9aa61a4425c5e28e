// Dates, delays and durations. The first line is a date, the second a Retry-After or Prefer value.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/date.h"
#include "http/patience.h"
#include "http/retry_after.h"
#include "http/time_ahead.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using std::chrono::sys_seconds;

constexpr sys_seconds kNow{std::chrono::seconds(1'767'225'600)};  // 2026-01-01
constexpr base::Duration kTenYears = std::chrono::years(10);

std::string by_c_library(sys_seconds time, const char* format) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::ostringstream text;
  text << std::put_time(&parts, format);
  return text.str();
}

std::optional<sys_seconds> read(std::string_view text) {
  const auto date = http::parse_date(text, kNow);
  if (!date) return std::nullopt;
  check(date->fraction >= std::chrono::seconds(0) && date->fraction < std::chrono::seconds(1),
        "a fraction is less than a second");
  return date->rounded_up();
}

/// The C library writes a time in each form, and we read it as that time.
void check_forms(sys_seconds time) {
  constexpr sys_seconds kFirst{std::chrono::sys_days(std::chrono::year(1000) / 1 / 1)};
  constexpr sys_seconds kLast{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};
  if (time < kFirst || time >= kLast) return;
  const std::string fixdate = by_c_library(time, "%a, %d %b %Y %H:%M:%S GMT");
  check(read(fixdate) == time, "a date that is written is read as itself");
  check(read(by_c_library(time, "%a %b %e %H:%M:%S %Y")) == time, "asctime's form means the same");
  const std::string rfc850 = by_c_library(time, "%A, %d-%b-%y %H:%M:%S GMT");
  const auto near = read(rfc850);
  if (time - kNow > std::chrono::years(49) || kNow - time > std::chrono::years(49)) return;
  check(near == time, "RFC 850's form means the same, within fifty years");
}

void check_delay(const http::FieldList& fields) {
  for (const int status : {200, 429, 503}) {
    const auto delay = http::retry_delay(status, fields, kNow);
    if (!delay) continue;
    check(delay->delay >= base::Duration::zero() && delay->delay <= kTenYears,
          "a delay is neither negative nor longer than ten years");
    check(delay->pauses_route == (status != 200), "a 429 and a 503 pause the route");
    check(!delay->vague, "Retry-After has a unit");
  }
}

void check_time(std::string_view text) {
  const auto plain = base::parse_decimal(text);
  for (const auto unit :
       {http::TimeUnit::seconds, http::TimeUnit::milliseconds, http::TimeUnit::unsaid}) {
    const auto time = http::read_time_ahead(text, unit, kNow);
    check(!plain || time.has_value(), "digits are a time");
    if (!time) continue;
    check(time->soonest() <= std::max(time->wait, time->wait / 1000), "the sooner is not later");
    check(!time->vague || unit == http::TimeUnit::unsaid, "a known unit is not vague");
    const base::Duration delay = http::bounded_delay(time->wait);
    check(delay >= base::Duration::zero() && delay <= kTenYears, "bounds hold");
    if (!plain || *plain >= 1'000'000'000) continue;
    const std::chrono::milliseconds expected(unit == http::TimeUnit::milliseconds ? *plain
                                                                                  : *plain * 1000);
    check(time->wait == expected, "digits are their number");
  }
}

void check_settings(std::string_view text) {
  const auto duration = base::parse_duration(text);
  check(!duration || (*duration >= base::Duration::zero() && *duration <= kTenYears),
        "a setting's duration is bounded");
  if (duration) check(!base::format_duration(*duration).empty(), "a duration can be shown");
  const auto plain = base::parse_decimal(text);
  const auto size = base::parse_size(text);
  if (plain) check(size == plain, "a bare number is bytes");
}

void run(std::string_view bytes) {
  const std::string_view date = base::take_until(bytes, '\n');
  const std::string_view value = base::take_until(bytes, '\n');
  if (const auto time = read(date)) check_forms(*time);

  http::FieldList fields;
  fields.push({"Date", date, http::FieldName::date});
  fields.push({"Retry-After", value, http::FieldName::retry_after});
  fields.push({"Prefer", value, http::FieldName::prefer});
  check_delay(fields);
  const auto wait = http::prefer_wait(fields);
  check(!wait || (*wait >= base::Duration::zero() && *wait <= kTenYears), "a wait is bounded");
  check_time(value);
  check_settings(value);
}

const Registration registration("dates", run);

}  // namespace
}  // namespace bearer::fuzz
