// Location and Link values: whatever is rewritten leads back to where it led.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/chars.h"
#include "http/links.h"
#include "http/path.h"
#include "http/target.h"
#include "tests/fuzz/mapping.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

std::string_view without_fragment(std::string_view reference) {
  return reference.substr(0, reference.find('#'));
}

/// Path, query and fragment of `http://host/path`, `//host/path` or `/path`.
std::string_view behind_origin(std::string_view reference) {
  const std::size_t authority = reference.find("//");
  const std::size_t path_begin = reference.find_first_of("/?#");
  if (authority == std::string_view::npos || authority > path_begin) return reference;
  reference.remove_prefix(authority + 2);
  return reference.substr(std::min(reference.find_first_of("/?#"), reference.size()));
}

/// Returns what the upstream is asked for when a client follows `path` on the proxy.
std::string target_at_upstream(std::string_view path, const Mapping& mapping) {
  check(http::path_has_prefix(path, mapping.route_prefix), "a rewritten link comes to its route");
  check(!http::path_leaves(path, mapping.route_prefix), "and is admitted there");
  std::string target;
  http::append_target(target, mapping.upstream.path,
                      mapping.strip_prefix ? http::after_prefix(path, mapping.route_prefix) : path);
  return target;
}

/// A base path and the same with a slash at its end name the same.
bool same_target(std::string_view a, std::string_view b, const Mapping& mapping) {
  if (a == b) return true;
  const std::string_view base = mapping.upstream.path;
  const auto below = [&](std::string_view target) {
    if (!http::path_has_prefix(target, base)) return target;
    const std::string_view rest = http::after_prefix(target, base);
    return rest.starts_with('/') ? rest.substr(1) : rest;
  };
  return below(a) == below(b);
}

void check_location(std::string_view value, const Mapping& mapping) {
  const auto rewritten = http::rewrite_location(value, mapping.map());
  if (!rewritten) return;
  const std::string_view link = *rewritten;
  check(link != value, "what stays the same is not rewritten");
  const bool absolute = link.starts_with(Mapping::kProxyOrigin);
  check(absolute || (link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\")),
        "a rewritten link names no host but the proxy");
  const std::string_view path = absolute ? link.substr(Mapping::kProxyOrigin.size()) : link;
  check(path.starts_with('/'), "a path follows the proxy's origin");
  const std::string_view original = behind_origin(value);
  check(same_target(target_at_upstream(without_fragment(path), mapping), without_fragment(original),
                    mapping),
        "a rewritten link leads to the same resource");
  check(link.ends_with(original.substr(without_fragment(original).size())), "the fragment stays");
}

/// A Link field's rewriting is that of its targets.
void check_link(std::string_view value, const Mapping& mapping) {
  const bool plain = value.find_first_of("<>\"\\,") == std::string_view::npos;
  if (!plain) {
    (void)http::rewrite_link(value, mapping.map());
    return;
  }
  check(!http::rewrite_link(value, mapping.map()), "no link, nothing rewritten");
  const std::string field = "<" + std::string(value) + ">; rel=\"<a>\", <" + std::string(value) +
                            ">; title=\"\\\"<" + std::string(value) + ">\"";
  const auto rewritten = http::rewrite_link(field, mapping.map());
  const auto location = http::rewrite_location(value, mapping.map());
  check(rewritten.has_value() == location.has_value(), "a Link is rewritten like a Location");
  if (!rewritten) return;
  const std::string expected = "<" + *location + ">; rel=\"<a>\", <" + *location +
                               ">; title=\"\\\"<" + std::string(value) + ">\"";
  check(*rewritten == expected, "each target is rewritten, and nothing else");
}

/// Text without an absolute URL holds no address, but for a path alone.
void check_text(std::string_view value, const Mapping& mapping) {
  const auto rewritten = http::rewrite_addresses_in(value, mapping.map());
  const bool holds_url = value.find("://") != std::string_view::npos;
  if (value.starts_with('/')) {
    check(rewritten == http::rewrite_location(value, mapping.map()), "a path alone is a Location");
  } else if (!holds_url) {
    check(!rewritten, "text without a URL stays");
  }
  if (rewritten) check(*rewritten != value, "what stays the same is not rewritten");
  const auto to_upstream = [&](std::string_view url) {
    return http::upstream_address(url, mapping.map());
  };
  if (!holds_url) check(!http::translate_addresses_in(value, to_upstream), "so does a client's");
}

void run(std::string_view bytes) {
  if (!std::ranges::all_of(bytes, http::is_text_char)) return;
  for (const Mapping& mapping : mappings()) {
    check_location(bytes, mapping);
    check_link(bytes, mapping);
    check_text(bytes, mapping);
  }
}

const Registration registration("links", run);

}  // namespace
}  // namespace bearer::fuzz
