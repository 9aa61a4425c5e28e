// Targets, hosts, URLs and paths, of which the first line is one; the second is a prefix.
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/chars.h"
#include "http/host_field.h"
#include "http/path.h"
#include "http/target.h"
#include "http/url.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

void check_target(std::string_view text) {
  const auto target = http::parse_target(text);
  if (!target) return;
  std::string joined;
  if (target->form == http::TargetForm::absolute) joined.append(target->scheme).append("://");
  joined.append(target->authority).append(target->rest);
  check(joined == text, "the parts of a target are all of it");
  check(text.find('#') == std::string_view::npos, "no target has a fragment");
}

void check_host(std::string_view text) {
  const auto host = http::parse_host(text);
  if (!host) return;
  std::string joined(host->name);
  if (text.starts_with('[')) joined = "[" + joined + "]";
  if (host->port != 0) joined.append(":").append(std::to_string(host->port));
  const auto again = http::parse_host(joined);
  check(again && *again == *host, "a host that is written and read stays the same");
  check(text.find_first_of("@/?#, ") == std::string_view::npos,
        "a host is nothing that another reader takes for more");
}

void check_url(std::string_view text) {
  const auto url = http::parse_url(text);
  if (!url) {
    check(!url.error().detail.empty(), "why a URL is refused is said");
    return;
  }
  const auto again = http::parse_url(url->text());
  check(again && *again == *url, "a URL that is written and read stays the same");
  check(again->text() == url->text(), "and so does its text");
  // `_` aside, which names of services have: a Host field takes what a URL named.
  check(http::parse_host(url->authority()).has_value(), "its authority is a Host");
}

/// As the plainest server reads it: decoded once, then resolved. False where it leads above.
bool stays_below(std::string_view path, std::string_view prefix) {
  const std::string plain = http::plain_path(path);
  return http::path_has_prefix(plain, http::plain_path(prefix));
}

void check_path(std::string_view path, std::string_view prefix) {
  const std::string plain = http::plain_path(path);
  check(plain.starts_with('/'), "a plain path begins with a slash");
  check(plain == "/" || !plain.ends_with('/'), "and ends with a name");
  for (std::string_view rest(plain); !rest.empty();) {
    const std::string_view segment = base::take_until(rest, '/');
    check(segment != "." && segment != "..", "no dot segment is left in a plain path");
  }
  if (!http::path_has_prefix(path, prefix)) return;
  const std::string_view rest = http::after_prefix(path, prefix);
  std::string joined;
  http::append_target(joined, prefix, rest);
  check(http::path_has_prefix(joined, prefix) || rest == "*", "a target lies under its base path");
  if (!http::path_leaves(path, prefix)) {
    check(stays_below(path, prefix), "what does not leave its prefix stays below it when resolved");
    check(http::PathReading(path).may_reach(http::plain_path(prefix)),
          "and a rule about the prefix holds");
  }
}

void run(std::string_view bytes) {
  const std::string_view text = base::take_until(bytes, '\n');
  const std::string_view prefix = base::take_until(bytes, '\n');
  check_target(text);
  check_host(text);
  check_url(text);
  const auto visible = [](std::string_view each) {
    for (const char c : each) {
      if (!http::is_visible_char(c)) return false;
    }
    return true;
  };
  // A request line may hold these, and a prefix is one that a setting may have.
  if (!visible(text) || !text.starts_with('/')) return;
  check_path(text, "/");
  const bool plain_prefix = visible(prefix) && prefix.starts_with('/') &&
                            prefix.find_first_of("%;\\?#*") == std::string_view::npos &&
                            http::plain_path(prefix) == prefix;
  if (plain_prefix) check_path(text, prefix);
}

const Registration registration("request_target", run);

}  // namespace
}  // namespace bearer::fuzz
