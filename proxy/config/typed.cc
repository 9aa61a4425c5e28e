#include "config/typed.h"

#include <cassert>
#include <charconv>
#include <chrono>
#include <string>
#include <system_error>

#include "base/text.h"

namespace bearer::config {
namespace {

const Option& option_named(std::string_view name) {
  const Option* option = find_option(name);
  assert(option != nullptr);
  return *option;
}

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (const std::string_view yes : {"true", "yes", "on", "1"}) {
    if (base::iequals(text, yes)) return true;
  }
  for (const std::string_view no : {"false", "no", "off", "0"}) {
    if (base::iequals(text, no)) return false;
  }
  return std::nullopt;
}

/// Says that a value is neither a boolean nor one of `words`.
std::string neither_of(std::string_view words) {
  std::string sentence = "neither true nor false";
  while (!words.empty()) sentence.append(" nor ").append(base::take_until(words, ','));
  return sentence;
}

/// Adds the statuses that `text` names. Returns what is wrong with it; empty if nothing is.
std::string add_retry_status(std::string_view text, relay::StatusSet& statuses) {
  if (base::iequals(text, "5xx")) {
    const relay::StatusSet kept = statuses;
    for (std::size_t status = 500; status < 600; ++status) statuses.set(status);
    statuses.set(501, kept.test(501));
    statuses.set(505, kept.test(505));
    return "";
  }
  const auto status = base::parse_decimal(text);
  if (!status || *status < 400 || *status > 599) {
    return "not a list of statuses from 400 to 599; write 408,429,5xx";
  }
  if (*status == 401) return "a 401 is not retried but answered with a new token, once";
  if (*status == 403) {
    return "a 403 that is a rate limit is retried as a 429 is, and any other would stay; where "
           "this "
           "API answers 403 to a dead token, set --renew-status 401,403";
  }
  statuses.set(*status);
  return "";
}

std::string add_renew_status(std::string_view text, relay::StatusSet& statuses) {
  const auto status = base::parse_decimal(text);
  if (!status || *status < 400 || *status > 499) {
    return "not a list of statuses from 400 to 499; write 401,403";
  }
  if (*status == 408 || *status == 429) return "it asks for a retry, and says nothing of a token";
  statuses.set(*status);
  return "";
}

std::string range(std::uint64_t smallest, std::uint64_t largest) {
  return "not a whole number from " + std::to_string(smallest) + " to " + std::to_string(largest);
}

}  // namespace

const Value* Typed::find(std::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  assert(find_option(name) != nullptr);
  return nullptr;
}

bool Typed::own(std::string_view name) const {
  const Value* value = find(name);
  return value != nullptr && value->block == label_ && value->by == By::person;
}

std::string Typed::by_preset(std::string_view name) const {
  const Value* value = find(name);
  return value != nullptr && value->by == By::preset ? " (" + value->source + ")" : "";
}

std::vector<std::string> Typed::texts(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return {};
  for (const std::string& text : value->texts) {
    if (has_control_character(text)) {
      problem(name, text, "holds a line break or another control character");
      return {};
    }
  }
  return value->texts;
}

std::string Typed::text(std::string_view name) const {
  const std::vector<std::string> all = texts(name);
  return all.empty() ? std::string() : all.front();
}

bool Typed::boolean(std::string_view name) const {
  const std::string word = text(name);
  const std::optional<bool> value = parse_boolean(word);
  if (!value) problem(name, word, neither_of(option_named(name).words));
  return value.value_or(false);
}

std::uint64_t Typed::count(std::string_view name) const {
  const Option& option = option_named(name);
  const std::string digits = text(name);
  const auto value = base::parse_decimal(digits);
  if (value && *value >= option.least && *value <= option.most) return *value;
  problem(name, digits, range(option.least, option.most));
  return option.least;
}

double Typed::share(std::string_view name) const {
  const std::string digits = text(name);
  const bool plain = digits.find_first_not_of("0123456789.") == std::string::npos;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (plain && whole && value <= 1) return value;
  problem(name, digits, "not a share from 0 to 1; write 0.05");
  return 0;
}

base::Duration Typed::duration(std::string_view name, base::Duration smallest) const {
  const std::string spelled = text(name);
  const auto value = base::parse_duration(spelled);
  if (!value) {
    problem(name, spelled, "not a duration; write 120s, 2m or 500ms");
  } else if (*value < smallest) {
    problem(name, spelled, "too short; at least " + base::format_duration(smallest));
  }
  return value.value_or(smallest);
}

std::uint64_t Typed::size(std::string_view name) const {
  const std::string spelled = text(name);
  const auto value = base::parse_size(spelled);
  if (!value) problem(name, spelled, "not a size; write 64KiB, 10MiB, 1GiB or bare bytes");
  return value.value_or(0);
}

std::optional<http::Url> Typed::url(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  const std::string spelled = text(name);
  auto value = http::parse_url(spelled);
  if (value) return *value;
  problem(name, spelled, value.error().detail);
  return std::nullopt;
}

std::vector<net::Address> Typed::addresses(std::string_view name) const {
  std::vector<net::Address> addresses;
  for (const std::string& spelled : texts(name)) {
    if (auto address = net::parse_address(spelled)) {
      addresses.push_back(*address);
    } else {
      problem(name, spelled, address.error().detail);
    }
  }
  return addresses;
}

template <typename Add>
relay::StatusSet Typed::list_of_statuses(std::string_view name, Add add) const {
  relay::StatusSet statuses;
  for (const std::string& spelled : texts(name)) {
    std::string_view rest = spelled;
    do {
      const std::string wrong = add(base::trim(base::take_until(rest, ',')), statuses);
      if (wrong.empty()) continue;
      problem(name, spelled, wrong);
      break;
    } while (!rest.empty());
  }
  return statuses;
}

relay::StatusSet Typed::retry_statuses(std::string_view name) const {
  return list_of_statuses(name, add_retry_status);
}

relay::StatusSet Typed::renew_statuses(std::string_view name) const {
  return list_of_statuses(name, add_renew_status);
}

int Typed::choose(std::string_view name, std::span<const Choice> choices) const {
  const std::string word = text(name);
  std::string known;
  for (const Choice& choice : choices) {
    if (choice.text == word) return choice.value;
    known += (known.empty() ? "" : ", ") + std::string(choice.text);
  }
  problem(name, word, (choices.size() == 1 ? "this build knows only " : "not one of ") + known);
  return choices.front().value;
}

void Typed::problem(std::string_view name, std::string_view text,
                    const std::string& sentence) const {
  const Value* value = find(name);
  assert(value != nullptr);
  problems_.add(describe(option_named(name), *value, text) + sentence);
}

void Typed::complain(std::string sentence) const {
  problems_.add(std::move(sentence));
}

void Typed::missing(std::string_view name, const std::string& beside) const {
  const Option& option = option_named(name);
  std::string ways = option.can_be(kFlag) ? option.flag() + ", " : "";
  if (option.can_be(kEnvironment)) ways += option.environment() + " or ";
  problems_.add(setting_name(option, label_) + " is not set: give it with " + ways +
                "the config key " + option.key() + beside);
}

std::optional<relay::Rate> parse_rate(std::string_view text) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t kRequestsMax = 1'000'000;
  const auto requests = base::parse_decimal(base::take_until(text, '/'));
  if (!requests || *requests == 0 || *requests > kRequestsMax || text.empty()) return std::nullopt;
  // A unit alone means one of it; a number alone would be a guess.
  const bool unit_alone = !base::is_digit(text.front());
  const bool number_alone = base::is_digit(text.back());
  const auto period =
      base::parse_duration(unit_alone ? "1" + std::string(text) : std::string(text));
  if (number_alone || !period || *period <= 0s || *period > 24h) return std::nullopt;
  return relay::Rate{*requests, *period};
}

}  // namespace bearer::config
