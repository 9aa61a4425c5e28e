// The table of all settings. Flags, environment names, config keys, help and suggestions are made
// from it, so that they cannot disagree.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::config {

/// The form of a value: how a JSON value may spell it, and what help calls it.
enum class Kind {
  text,
  choice,
  boolean,
  count,
  duration,
  size,
  url,
  file,
  address,
  statuses,
  user,
  share  ///< from 0 to 1
};

/// The number of times that a setting may be given.
enum class Repeats {
  no,
  commas,  ///< the flag repeats, a config key is an array, the environment separates by commas
  one_a_variable,  ///< the same, but values may hold commas: the environment gives one
};

/// The places where a setting may be written. The values may be added up.
enum Spelling : unsigned {
  kFlag = 1,
  kEnvironment = 2,
  kKey = 4,
  kAnywhere = kFlag | kEnvironment | kKey,
  kRouteKey = 8,  ///< a key in entries of `routes` only
};

/// The kind of block to which a setting belongs: its key may be in such a block, and at the top
/// level of the file. The values may be added up.
enum Scope : unsigned { kGlobal = 0, kRoute = 1, kCredential = 2 };

enum class Group { general, clients, upstream, credential, retries, limits, log };

struct Option {
  std::string_view name;  ///< as in the flag, without dashes: `refresh-margin`
  Kind kind = Kind::text;
  std::string_view default_text = {};  ///< empty: none
  Group group = Group::general;
  std::string_view help = {};
  unsigned scope = kGlobal;
  Repeats repeats = Repeats::no;
  unsigned spellings = kAnywhere;
  bool secret = false;            ///< its value is never shown, not even if it is malformed
  bool may_be_empty = false;      ///< an empty value has a meaning of its own
  bool user_information = false;  ///< its URL may hold a user and a password; not in a flag then
  std::string_view placeholder = {};  ///< in help; empty: by its kind
  /// Separated by commas: all values of a choice, or those of a boolean beside on and off. A
  /// preset's values have a table of their own.
  std::string_view words = {};
  std::uint64_t least = 0, most = 1'000'000;  ///< of a count

  std::string flag() const;         ///< `--refresh-margin`
  std::string environment() const;  ///< `BEARER_PROXY_REFRESH_MARGIN`
  std::string key() const;          ///< `refresh_margin`
  bool can_be(Spelling spelling) const { return (spellings & spelling) != 0; }
  bool takes_word(std::string_view word) const;  ///< of `words`
};

/// In the order of help. Lives as long as the process.
std::span<const Option> option_table();

/// Null if there is none of that name.
const Option* find_option(std::string_view name);

/// True for `client_secret`, however it is spelled (`clientSecret`, `client-secret`). There is no
/// such setting on purpose: a file or a variable gives a client's secret.
bool names_client_secret(std::string_view name);

/// `; did you mean X?`, or nothing if no candidate is near. `prefix` comes before the word and
/// before every candidate; its length does not affect how near they are.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view prefix = {});

inline constexpr std::string_view kEnvironmentPrefix = "BEARER_PROXY_";

}  // namespace bearer::config
