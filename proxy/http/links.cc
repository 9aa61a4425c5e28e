#include "http/links.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/host_field.h"
#include "http/path.h"
#include "http/target.h"

namespace bearer::http {
namespace {

/// A reference split in two: `https://host`, and the path, query and fragment after it.
struct Reference {
  std::string_view origin;  ///< empty if it is a path alone
  std::string_view rest;
};

/// True for the upstream's host and port, in the scheme given by `tls`. A default port equals that
/// of the other scheme, because an API behind a TLS terminator may take itself for http.
bool is_upstream(const Host& host, bool tls, const Url& upstream) {
  if (!host.is(upstream.host)) return false;
  const std::uint16_t port = host.port == 0 ? default_port(tls) : host.port;
  if (port == upstream.port) return true;
  return port == default_port(tls) && upstream.port == default_port(upstream.tls);
}

/// Takes off `scheme://host` or `//host`. nullopt for a relative reference, and for an origin that
/// is not the upstream's.
std::optional<Reference> split(std::string_view value, const Url& upstream) {
  std::string_view rest = value;
  bool tls = upstream.tls;
  for (const auto& [scheme, is_tls] :
       {std::pair{std::string_view("https:"), true}, {"http:", false}}) {
    if (!base::istarts_with(rest, scheme)) continue;
    rest.remove_prefix(scheme.size());
    if (!rest.starts_with("//")) return std::nullopt;
    tls = is_tls;
    break;
  }
  if (!rest.starts_with('/')) return std::nullopt;
  if (!rest.starts_with("//")) return Reference{{}, rest};

  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  const auto host = parse_host(authority);
  if (!host || !is_upstream(*host, tls, upstream)) return std::nullopt;
  return Reference{value.substr(0, value.size() - rest.size()), rest};
}

/// Returns the path by which the client gets the upstream's `rest`; nullopt if no path of this
/// route leads there.
std::optional<std::string> public_path(std::string_view rest, const LinkMap& map) {
  const std::string_view base_path = path_of(map.upstream.path);
  const std::string_view without_fragment = rest.substr(0, rest.find('#'));
  if (!path_has_prefix(without_fragment, base_path)) return std::nullopt;
  if (path_leaves(without_fragment, base_path)) return std::nullopt;
  const std::string_view below_base = after_prefix(without_fragment, base_path);
  const std::string_view fragment = rest.substr(without_fragment.size());
  std::string path;
  if (map.strip_prefix) {
    append_target(path, map.route_prefix, below_base);
  } else {
    append_target(path, {}, below_base);
    if (!path_has_prefix(path, map.route_prefix)) return std::nullopt;
    if (path_leaves(path, map.route_prefix)) return std::nullopt;  // it would be refused here
  }
  return path.append(fragment);
}

bool is_scheme_char(char c) {
  return base::lower(c) >= 'a' && base::lower(c) <= 'z';
}

/// `text` with each absolute URL in it changed by `rewrite`; nullopt if that changes nothing.
template <typename Rewrite>
std::optional<std::string> rewrite_urls_in(std::string_view text, const Rewrite& rewrite) {
  constexpr std::string_view kAround = " \t\"'<>,";
  std::string result;
  std::size_t copied = 0;  // bytes of `text` that are in `result`
  for (std::size_t mark = text.find("://"); mark != text.npos; mark = text.find("://", mark + 1)) {
    std::size_t begin = mark;
    while (begin > copied && is_scheme_char(text[begin - 1])) --begin;
    const std::size_t end = std::min(text.find_first_of(kAround, mark), text.size());
    const std::optional<std::string> to = rewrite(text.substr(begin, end - begin));
    if (!to) continue;
    result.append(text.substr(copied, begin - copied)).append(*to);
    copied = end;
    mark = end - 1;
  }
  if (copied == 0) return std::nullopt;
  return result.append(text.substr(copied));
}

}  // namespace

std::optional<std::string> rewrite_location(std::string_view value, const LinkMap& map) {
  const auto reference = split(value, map.upstream);
  if (!reference) return std::nullopt;
  auto path = public_path(reference->rest, map);
  if (!path) return std::nullopt;
  // The rest of `/base//host` or `/base/\host` would name another host if it stood alone.
  const bool names_host = path->starts_with("//") || path->starts_with("/\\");
  if (names_host && map.proxy_origin.empty()) return std::nullopt;
  if (!reference->origin.empty() || (names_host && *path != value)) {
    return std::string(map.proxy_origin).append(*path);
  }
  if (*path == value) return std::nullopt;
  return path;
}

std::optional<std::string> rewrite_address(std::string_view value, const LinkMap& map) {
  if (base::istarts_with(value, "http")) return rewrite_location(value, map);
  if (value.starts_with('<')) return rewrite_link(value, map);
  return std::nullopt;
}

std::optional<std::string> rewrite_refresh(std::string_view value, const LinkMap& map) {
  std::string_view rest = value;
  base::take_until(rest, ';');
  const std::size_t is = rest.find('=');
  if (is == std::string_view::npos || !base::iequals(base::trim(rest.substr(0, is)), "url")) {
    return std::nullopt;
  }
  std::string_view url = base::trim(rest.substr(is + 1));
  const bool quoted =
      url.size() >= 2 && (url.front() == '"' || url.front() == '\'') && url.back() == url.front();
  if (quoted) url = url.substr(1, url.size() - 2);
  const auto seen = rewrite_location(url, map);
  if (!seen) return std::nullopt;
  const auto before = static_cast<std::size_t>(url.data() - value.data());
  return std::string(value.substr(0, before))
      .append(*seen)
      .append(value.substr(before + url.size()));
}

std::optional<std::string> rewrite_addresses_in(std::string_view text, const LinkMap& map) {
  if (text.starts_with('/')) return rewrite_location(text, map);
  return rewrite_urls_in(text, [&](std::string_view url) { return rewrite_location(url, map); });
}

std::optional<std::string> translate_addresses_in(std::string_view text,
                                                  const Translate& translate) {
  return rewrite_urls_in(text, translate);
}

std::optional<std::string> upstream_address(std::string_view value, const LinkMap& map) {
  if (map.proxy_origin.empty() || !base::istarts_with(value, map.proxy_origin)) return std::nullopt;
  const std::string_view rest = value.substr(map.proxy_origin.size());
  if (!rest.empty() && rest.find_first_of("/?#") != 0) return std::nullopt;
  const std::string_view without_fragment = rest.substr(0, rest.find('#'));
  if (!path_has_prefix(without_fragment, map.route_prefix)) return std::nullopt;
  if (path_leaves(without_fragment, map.route_prefix)) return std::nullopt;
  std::string address = map.upstream.origin();
  append_target(
      address, path_of(map.upstream.path),
      map.strip_prefix ? after_prefix(without_fragment, map.route_prefix) : without_fragment);
  return address.append(rest.substr(without_fragment.size()));
}

std::optional<std::string> translate_tags(std::string_view value, const Translate& translate) {
  std::string result;
  bool any = false;
  while (!value.empty()) {
    const std::size_t begin = value.find('<');
    const std::size_t end = begin == value.npos ? begin : value.find('>', begin);
    if (end == value.npos) break;
    const std::string_view tag = value.substr(begin + 1, end - begin - 1);
    const std::optional<std::string> address = translate(tag);
    any |= address.has_value();
    result.append(value.substr(0, begin + 1));
    if (address) {
      result += *address;
    } else {
      result += tag;
    }
    value.remove_prefix(end);
  }
  if (!any) return std::nullopt;
  return result.append(value);
}

std::optional<std::string> rewrite_link(std::string_view value, const LinkMap& map) {
  std::string result;
  std::size_t copied = 0;  // bytes of `value` that are in `result`
  bool quoted = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (quoted && value[i] == '\\') {
      ++i;
    } else if (value[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && value[i] == '<') {
      const std::size_t begin = i + 1;
      const std::size_t end = value.find('>', begin);
      if (end == std::string_view::npos) break;
      if (const auto target = rewrite_location(value.substr(begin, end - begin), map)) {
        result.append(value.substr(copied, begin - copied)).append(*target);
        copied = end;
      }
      i = end;
    }
  }
  if (copied == 0) return std::nullopt;
  return result.append(value.substr(copied));
}

}  // namespace bearer::http
