#include "http/body_links/json_links.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace bearer::http {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The part of the text that belongs to a string.
struct Extent {
  std::size_t bytes = 0;  ///< with the closing quote
  bool closed = false;
  bool escaped = false;  ///< the string goes on, and its next byte is escaped
};

/// Measures a string that began before `text`, whose first byte may be escaped by an earlier one.
/// Searches for quotes, then looks back from each, because backslashes are rarer.
Extent string_extent(std::string_view text, bool escaped) {
  if (text.empty()) return {0, false, escaped};
  std::size_t from = escaped ? 1 : 0;
  for (;;) {
    const std::size_t quote = text.find('"', from);
    const std::size_t end = std::min(quote, text.size());
    std::size_t before = end;
    while (before > from && text[before - 1] == '\\') --before;
    const bool odd = (end - before) % 2 != 0;
    if (quote == std::string_view::npos) return {text.size(), false, odd};
    if (!odd) return {quote + 1, true, false};
    from = quote + 1;
  }
}

/// The number of bytes that one character of a string takes: itself, or an escape sequence.
std::size_t written_length(std::string_view text) {
  if (text.front() != '\\') return 1;
  return text.size() > 1 && text[1] == 'u' ? 6 : 2;
}

/// Decodes one character in its written_length() bytes. nullopt: not an escape of RFC 8259.
std::optional<char> decode(std::string_view text) {
  // No rule about URLs distinguishes characters beyond ASCII, so one stands for them all.
  constexpr char kBeyondAscii = '\x80';
  if (text.front() != '\\') return text.front();
  switch (text[1]) {
    case '/':
    case '\\':
    case '"': return text[1];
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return std::nullopt;
  }
  unsigned code = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, code, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return code < 0x80 ? static_cast<char>(code) : kBeyondAscii;
}

/// Takes one character off `text`; nullopt if it is incomplete or malformed.
std::optional<char> take(std::string_view& text) {
  const std::size_t length = written_length(text);
  if (length > text.size()) return std::nullopt;
  const std::optional<char> c = decode(text.substr(0, length));
  text.remove_prefix(length);
  return c;
}

std::string escaped(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out.substr(1, out.size() - 2);  // without its quotes
}

}  // namespace

JsonLinks::Step JsonLinks::next(std::string_view in) {
  if (place_ == Place::held) return hold(in);
  std::size_t at = 0;
  for (;;) {
    if (place_ == Place::string) {
      const Extent extent = string_extent(in.substr(at), escaped_);
      at += extent.bytes;
      escaped_ = extent.escaped;
      if (!extent.closed) return {in.size(), in, {}};
      place_ = Place::outside;
    }
    const std::size_t quote = in.find('"', at);
    if (quote == std::string_view::npos) return {in.size(), in, {}};
    at = quote + 1;
    place_ = Place::string;
    switch (read_value(in.substr(at))) {
      case Value::plain: break;
      case Value::link: return {at + replaced_, in.substr(0, at), beginning_};
      case Value::unfinished:
        place_ = Place::held;
        held_ = in.substr(at);
        return {in.size(), in.substr(0, at), {}};
    }
  }
}

/// `text` begins after a string's first quote. The verdict on a string does not depend on where its
/// pieces were split.
JsonLinks::Value JsonLinks::read_value(std::string_view text) {
  if (!may_begin(text)) return Value::plain;
  const Extent extent = string_extent(text, false);
  const std::size_t behind =
      extent.closed ? text.find_first_not_of(kBlanks, extent.bytes) : std::string_view::npos;
  if (std::min(behind, text.size()) > kLinkBytesMax) return Value::plain;
  if (behind == std::string_view::npos) {
    closed_ = extent.closed;
    escaped_ = extent.escaped;
    return Value::unfinished;
  }
  const bool key = text[behind] == ':';
  return !key && rewrite(text.substr(0, extent.bytes - 1)) ? Value::link : Value::plain;
}

JsonLinks::Step JsonLinks::hold(std::string_view in) {
  const Extent extent = closed_ ? Extent{0, true, false} : string_extent(in, escaped_);
  const std::size_t behind =
      extent.closed ? in.find_first_not_of(kBlanks, extent.bytes) : std::string_view::npos;
  const std::size_t taken = std::min(behind, in.size());
  if (held_.size() + taken > kLinkBytesMax) return let_go(0);
  held_.append(in, 0, taken);
  closed_ = extent.closed;
  escaped_ = extent.escaped;
  if (!may_begin(held_)) return let_go(taken);
  if (behind == std::string_view::npos) return {taken, {}, {}};
  if (in[behind] != ':') rewrite_held();
  return let_go(taken);
}

JsonLinks::Step JsonLinks::let_go(std::size_t consumed) {
  place_ = closed_ ? Place::outside : Place::string;
  other_ = std::exchange(held_, {});
  return {consumed, {}, other_};
}

std::string_view JsonLinks::finish() {
  if (place_ != Place::held) return {};
  if (closed_) rewrite_held();
  return let_go(0).other;
}

/// REQUIRES: closed_.
void JsonLinks::rewrite_held() {
  const std::size_t value = string_extent(held_, false).bytes - 1;
  if (rewrite(std::string_view(held_).substr(0, value))) held_.replace(0, replaced_, beginning_);
}

/// True if a string that begins with `text`, which may be split anywhere, may be a URL at our
/// origin.
bool JsonLinks::may_begin(std::string_view text) const {
  return std::ranges::any_of(links_.origins, [text](const std::string& origin) {
    std::string_view rest = text;
    for (const char expected : origin) {
      if (rest.empty() || written_length(rest) > rest.size()) return true;
      const std::optional<char> c = take(rest);
      if (!c || base::lower(*c) != expected) return false;
    }
    return true;
  });
}

/// Decides on a whole value in its written form: sets the output for its beginning.
bool JsonLinks::rewrite(std::string_view text) {
  std::string_view url = text;
  if (text.find('\\') != std::string_view::npos) {
    decoded_.clear();
    for (std::string_view rest = text; !rest.empty();) {
      const std::optional<char> c = take(rest);
      if (!c) return false;
      decoded_ += *c;
    }
    url = decoded_;
  }
  const std::optional<std::string> target = links_.translate(url);
  if (!target) return false;
  // The end that both have in common stays as it was written.
  const std::size_t kept = common_end(url, *target);
  const std::string_view beginning = std::string_view(*target).substr(0, target->size() - kept);
  if (beginning != beginning_unescaped_) {  // nearly all links of a body begin alike
    beginning_unescaped_ = beginning;
    beginning_ = escaped(beginning);
  }
  std::string_view rest = text;
  for (std::size_t replaced = url.size() - kept; replaced > 0; --replaced) {
    rest.remove_prefix(written_length(rest));
  }
  replaced_ = text.size() - rest.size();
  return beginning_.size() <= kLinkBytesMax;
}

}  // namespace bearer::http
