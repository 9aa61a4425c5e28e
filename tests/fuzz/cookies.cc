// Set-Cookie values: whatever is rewritten is the same cookie, fit for a client that speaks http.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "http/set_cookie.h"
#include "tests/fuzz/mapping.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

struct Attribute {
  std::string_view name, argument;

  bool operator==(const Attribute&) const = default;
  bool is(std::string_view wanted) const { return base::iequals(name, wanted); }
};

/// The name and value of the cookie, and its attributes, as an agent reads them (RFC 6265
/// section 5.2).
struct Cookie {
  explicit Cookie(std::string_view rest) : pair(base::take_until(rest, ';')) {
    while (!rest.empty()) {
      std::string_view argument = base::take_until(rest, ';');
      const std::string_view name = base::trim(base::take_until(argument, '='));
      attributes.push_back({name, base::trim(argument)});
    }
  }

  std::string_view pair;
  std::vector<Attribute> attributes;
};

bool needs_https(const Attribute& attribute) {
  return attribute.is("secure") || attribute.is("partitioned") ||
         (attribute.is("samesite") && base::iequals(attribute.argument, "none"));
}

void check_path(std::string_view path, const Mapping& mapping) {
  check(path.starts_with('/'), "a rewritten Path begins with a slash");
  std::string_view prefix = mapping.route_prefix;
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (mapping.strip_prefix) check(path.starts_with(prefix), "and lies under the route's prefix");
}

void check_cookie(std::string_view value, const Mapping& mapping) {
  const auto rewritten = http::rewrite_set_cookie(value, mapping.map());
  if (!rewritten) return;
  check(*rewritten != value, "what stays the same is not rewritten");
  check(std::ranges::all_of(*rewritten, http::is_text_char), "no byte comes that ends a line");
  const Cookie before(value), after(*rewritten);
  check(after.pair == before.pair, "name and value stay");
  const std::string_view name = base::trim(before.pair);
  check(!base::istarts_with(name, "__host-") && !base::istarts_with(name, "__secure-"),
        "a cookie that must be secure is left alone");
  check(after.attributes.size() <= before.attributes.size(), "no attribute comes");
  for (const Attribute& attribute : after.attributes) {
    check(!needs_https(attribute), "nothing is left that needs https");
    const bool kept = std::ranges::find(before.attributes, attribute) != before.attributes.end();
    check(kept || attribute.is("path"), "no attribute but a Path is changed");
    if (!kept) check_path(attribute.argument, mapping);
  }
}

void run(std::string_view bytes) {
  if (!std::ranges::all_of(bytes, http::is_text_char)) return;
  for (const Mapping& mapping : mappings()) check_cookie(bytes, mapping);
}

const Registration registration("cookies", run);

}  // namespace
}  // namespace bearer::fuzz
