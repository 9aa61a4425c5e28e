#include "http/target.h"

#include <algorithm>

#include "base/text.h"

namespace bearer::http {
namespace {

bool is_letter(char c) {
  return base::lower(c) >= 'a' && base::lower(c) <= 'z';
}

/// RFC 3986 section 3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  if (text.empty() || text.find('#') != std::string_view::npos) return std::nullopt;
  if (text.front() == '/') return Target{TargetForm::origin, {}, {}, text};
  if (text == "*") return Target{TargetForm::asterisk, {}, {}, text};

  constexpr std::string_view kBeforeAuthority = "://";
  const std::size_t scheme_end = text.find(kBeforeAuthority);
  if (scheme_end == std::string_view::npos) {
    const bool has_path = text.find_first_of("/?") != std::string_view::npos;
    if (has_path || text.find(':') == std::string_view::npos) return std::nullopt;
    return Target{TargetForm::authority, {}, text, {}};
  }
  const std::string_view scheme = text.substr(0, scheme_end);
  text.remove_prefix(scheme_end + kBeforeAuthority.size());
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  if (!is_scheme(scheme) || authority.empty()) return std::nullopt;
  return Target{TargetForm::absolute, scheme, authority, text.substr(authority.size())};
}

}  // namespace bearer::http
