// Turns a setting's text into a value, one at a time, and reports a problem if it cannot.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config_errors.h"
#include "config/values.h"
#include "http/url.h"
#include "net/address.h"
#include "relay/limits/pacing_options.h"
#include "relay/retry_policy.h"

namespace bearer::config {

struct Choice {
  std::string_view text;
  int value;
};

/// Reads the values of one block. Each function takes the name of a setting in the table, and
/// asserts that it is there. If a value is missing, or wrong (which is a problem), it returns an
/// empty value of the type; the configuration is then not used.
class Typed {
 public:
  /// `label` is the block's, for errors: `routes[1]`, or empty.
  Typed(const Values& values, std::string label, ConfigErrors& problems)
      : values_(values), label_(std::move(label)), problems_(problems) {}

  bool has(std::string_view name) const { return values_.contains(name); }
  /// True if a person wrote it for this very block. False for a default, for a preset's value, and
  /// for one that an entry of the file inherits from the top level.
  bool own(std::string_view name) const;
  /// ` (preset okta)` if the value is a preset's, because a person who did not write it would look
  /// for it in vain. Else empty.
  std::string by_preset(std::string_view name) const;
  /// Null if the setting was not given and has no default.
  const Value* find(std::string_view name) const;

  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::uint64_t count(std::string_view name) const;
  base::Duration duration(std::string_view name, base::Duration smallest) const;
  std::uint64_t size(std::string_view name) const;
  double share(std::string_view name) const;
  /// nullopt, without a problem, if the setting was not given.
  std::optional<http::Url> url(std::string_view name) const;
  std::vector<net::Address> addresses(std::string_view name) const;
  relay::StatusSet retry_statuses(std::string_view name) const;
  relay::StatusSet renew_statuses(std::string_view name) const;

  template <typename Enum>
  Enum choice(std::string_view name, std::span<const Choice> choices) const {
    return static_cast<Enum>(choose(name, choices));
  }

  /// Reports `sentence` about the setting's `text`, with both and the text's origin.
  void problem(std::string_view name, std::string_view text, const std::string& sentence) const;
  /// Adds an error that belongs to no setting of the table.
  void complain(std::string sentence) const;
  /// The setting is required but missing; `beside` names other ways to give it.
  void missing(std::string_view name, const std::string& beside = "") const;

 private:
  /// `add` puts one item of the list into the set, or returns what is wrong with it.
  template <typename Add>
  relay::StatusSet list_of_statuses(std::string_view name, Add add) const;
  int choose(std::string_view name, std::span<const Choice> choices) const;

  const Values& values_;
  std::string label_;
  ConfigErrors& problems_;
};

/// `300/m`, `10/s`, `1000/h`, or any period that is a duration: `5/500ms`. From 1 to 1,000,000
/// requests, in at most a day.
std::optional<relay::Rate> parse_rate(std::string_view text);

}  // namespace bearer::config
