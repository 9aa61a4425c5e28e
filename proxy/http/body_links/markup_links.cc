#include "http/body_links/markup_links.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace bearer::http {
namespace {

// Has room for an attribute's name, its equals sign and its quote.
constexpr std::size_t kBeforeBytesMax = 64;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLinkEnds = " \t\r\n\"'<>`";
// The characters before a link, in text and in lists such as srcset.
constexpr std::string_view kLinkBegins = " \t\r\n\"'>({,|";

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

bool is_name_char(char c) {
  return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') ||
         is_one_of(c, ":._-");
}

void drop_blanks_at_end(std::string_view& text) {
  while (!text.empty() && is_one_of(text.back(), kBlanks)) text.remove_suffix(1);
}

/// Takes the name off the end of `before`.
std::string_view take_name_at_end(std::string_view& before) {
  std::size_t begin = before.size();
  while (begin > 0 && is_name_char(before[begin - 1])) --begin;
  const std::string_view name = before.substr(begin);
  before = before.substr(0, begin);
  return name;
}

/// True for attributes with namespaces and actions, which look like links but are only compared.
bool names_a_namespace(std::string_view attribute) {
  constexpr std::array<std::string_view, 4> kNames{"xmlns", "targetnamespace", "namespace",
                                                   "soapaction"};
  if (base::istarts_with(attribute, "xmlns:")) return true;
  return std::ranges::any_of(kNames,
                             [&](std::string_view name) { return base::iequals(attribute, name); });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

/// Returns where the scheme before the colon at `colon` begins; nullopt if it is neither of ours.
std::optional<std::size_t> scheme_begin(std::string_view text, std::size_t colon) {
  for (const std::string_view scheme : {"https", "http"}) {
    if (colon < scheme.size()) continue;
    const std::size_t begin = colon - scheme.size();
    if (base::iequals(text.substr(begin, scheme.size()), scheme)) return begin;
  }
  return std::nullopt;
}

/// True for `"5; ` or the quote alone, but not for `&amp;`.
bool ends_with_delay(std::string_view before) {
  if (before.ends_with(';')) {
    before.remove_suffix(1);
    while (!before.empty() && base::is_digit(before.back())) before.remove_suffix(1);
  }
  return before.ends_with('"') || before.ends_with('\'');
}

/// True if a link may follow `before`.
bool may_stand_behind(std::string_view before) {
  if (before.empty()) return true;
  const char last = before.back();
  const bool quoted = last == '"' || last == '\'';
  if (last != '=' && !is_one_of(last, kLinkBegins)) return false;
  if (quoted) before.remove_suffix(1);
  if (quoted) drop_blanks_at_end(before);
  if (!before.ends_with('=')) return true;
  before.remove_suffix(1);
  drop_blanks_at_end(before);
  const std::string_view name = take_name_at_end(before);
  if (names_a_namespace(name)) return false;
  // `<a href=https://…` and `content="5; url=https://…"`, but not `?return=https://…`.
  if (quoted || before.empty() || is_one_of(before.back(), kBlanks)) return true;
  return base::iequals(name, "url") && ends_with_delay(before);
}

}  // namespace

MarkupLinks::MarkupLinks(LinkTranslation links) : links_(std::move(links)) {
  for (const std::string& origin : links_.origins) {
    origin_bytes_max_ = std::max(origin_bytes_max_, origin.size());
  }
}

/// The first place in `in` where a link is, or may be; `in.size()` if there is none.
MarkupLinks::Candidate MarkupLinks::find(std::string_view in) const {
  for (std::size_t from = 0;;) {
    const std::size_t colon = in.find("://", from);
    if (colon == std::string_view::npos) break;
    from = colon + 3;
    const std::optional<std::size_t> begin = scheme_begin(in, colon);
    if (!begin || !may_begin_link(in.substr(*begin), links_.origins)) continue;
    const std::size_t end = std::min(in.find_first_of(kLinkEnds, from), in.size());
    return {*begin, end, end < in.size()};
  }
  // The end may split a scheme, or what follows it.
  std::size_t begin = in.size() - std::min(in.size(), origin_bytes_max_);
  while (begin < in.size() && !may_begin_link(in.substr(begin), links_.origins)) ++begin;
  return {begin, in.size(), false};
}

LinkRewriter::Step MarkupLinks::next(std::string_view in) {
  if (long_link_) return pass_long_link(in);
  if (!held_.empty()) return hold(in);
  const Candidate found = find(in);
  const std::string_view before = in.substr(0, found.begin);
  remember(before);
  if (found.begin == in.size()) return {in.size(), in, {}};
  const std::string_view link = in.substr(found.begin, found.end - found.begin);
  if (link.size() > kLinkBytesMax) {
    long_link_ = !found.whole;
    remember(link);
    return {found.end, in.substr(0, found.end), {}};
  }
  held_ = link;
  return {found.end, before, found.whole ? decide() : std::string_view()};
}

LinkRewriter::Step MarkupLinks::pass_long_link(std::string_view in) {
  const std::size_t end = std::min(in.find_first_of(kLinkEnds), in.size());
  long_link_ = end == in.size();
  remember(in.substr(0, end));
  // The bytes at the end do not decide anything yet, but a step must do something.
  return end == 0 ? next(in) : Step{end, in.substr(0, end), {}};
}

/// A link, or its beginning, has come without its end.
LinkRewriter::Step MarkupLinks::hold(std::string_view in) {
  std::size_t taken = 0;
  while (taken < in.size() && !is_one_of(in[taken], kLinkEnds)) {
    held_ += in[taken++];
    long_link_ = held_.size() > kLinkBytesMax;
    const bool other = held_.size() <= origin_bytes_max_ && !may_begin_link(held_, links_.origins);
    if (long_link_ || other) return {taken, {}, decide()};
  }
  if (taken == in.size()) return {taken, {}, {}};
  return {taken, {}, decide()};
}

/// Returns the output for held_. Replaces only the beginning of a link.
std::string_view MarkupLinks::decide() {
  other_ = std::exchange(held_, {});
  const bool stands = !long_link_ && may_stand_behind(before_);
  remember(other_);
  const std::optional<std::string> target =
      stands ? links_.translate(other_) : std::optional<std::string>();
  if (!target) return other_;
  const std::size_t kept = common_end(other_, *target);
  const std::string beginning = escaped(std::string_view(*target).substr(0, target->size() - kept));
  if (beginning.size() <= kLinkBytesMax) other_.replace(0, other_.size() - kept, beginning);
  return other_;
}

/// Keeps the last consumed bytes.
void MarkupLinks::remember(std::string_view gone) {
  before_.append(gone.substr(gone.size() - std::min(gone.size(), kBeforeBytesMax)));
  if (before_.size() > kBeforeBytesMax) before_.erase(0, before_.size() - kBeforeBytesMax);
}

std::string_view MarkupLinks::finish() {
  return held_.empty() ? std::string_view() : decide();
}

}  // namespace bearer::http
