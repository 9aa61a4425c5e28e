#include "http/set_cookie.h"

#include "base/text.h"
#include "http/path.h"
#include "http/target.h"

namespace bearer::http {
namespace {

std::string_view without_slash_at_end(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// An IP address, or a name of one label, such as localhost: no Domain covers it (RFC 6265 section
/// 5.1.3), so a server that sets one is known to its own clients by another name.
bool has_no_domain(std::string_view host) {
  const bool literal = host.starts_with('[') || (!host.empty() && base::is_digit(host.back()));
  return literal || host.find('.') == std::string_view::npos;
}

/// True if the host is Domain `example.com` or below it, with or without a dot before the Domain.
bool covers(std::string_view domain, std::string_view host) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty()) return false;
  if (has_no_domain(host)) return true;
  if (domain.size() > host.size()) return false;
  const std::string_view end = host.substr(host.size() - domain.size());
  if (!base::iequals(end, domain)) return false;
  return end.size() == host.size() || host[host.size() - end.size() - 1] == '.';
}

/// The path under which the client finds the upstream's `path`; nullopt if it is the same, or no
/// path of this route leads there.
std::optional<std::string> public_path(std::string_view path, const LinkMap& map) {
  if (!path.starts_with('/')) return std::nullopt;  // the agent then takes the request's own
  if (path_of(path) != path) return std::nullopt;   // no request's path has a `?`
  const std::string_view base_path = without_slash_at_end(path_of(map.upstream.path));
  std::string_view below;
  if (path_has_prefix(path, base_path)) {
    below = after_prefix(path, base_path);
  } else if (!path_has_prefix(base_path, path)) {
    return std::nullopt;  // it is not under the base path
  }
  std::string seen(map.strip_prefix ? without_slash_at_end(map.route_prefix) : "");
  seen.append(below);
  if (seen.empty()) seen.push_back('/');
  if (seen == path) return std::nullopt;
  return seen;
}

/// True for a name that only a Secure cookie may have.
bool must_be_secure(std::string_view pair) {
  return base::istarts_with(pair, "__host-") || base::istarts_with(pair, "__secure-");
}

/// Old servers quote what an attribute says.
std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.starts_with('"') && text.ends_with('"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<std::string> rewrite_set_cookie(std::string_view value, const LinkMap& map) {
  std::string_view rest = value;
  const std::string_view pair = base::take_until(rest, ';');
  if (must_be_secure(base::trim(pair))) return std::nullopt;
  std::string out(pair);
  bool changed = false;
  while (!rest.empty()) {
    const std::string_view attribute = base::take_until(rest, ';');
    std::string_view text = base::trim(attribute);
    const std::string_view name = base::trim(base::take_until(text, '='));
    const std::string_view argument = unquoted(base::trim(text));
    const bool goes = base::iequals(name, "secure") || base::iequals(name, "partitioned") ||
                      (base::iequals(name, "samesite") && base::iequals(argument, "none")) ||
                      (base::iequals(name, "domain") && covers(argument, map.upstream.host));
    if (goes) {
      changed = true;
      continue;
    }
    const std::optional<std::string> path =
        base::iequals(name, "path") ? public_path(argument, map) : std::nullopt;
    if (path) {
      out.append("; Path=").append(*path);
      changed = true;
    } else {
      out.append(";").append(attribute);
    }
  }
  if (!changed) return std::nullopt;
  return out;
}

}  // namespace bearer::http
