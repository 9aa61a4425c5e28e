#include "http/head_fault.h"

#include <algorithm>
#include <optional>

#include "base/advice.h"
#include "base/text.h"
#include "http/chars.h"

namespace bearer::http {
namespace {

constexpr std::size_t kNameShownMax = 24;

std::string byte_text(char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return std::string("byte 0x") + kDigits[value >> 4] + kDigits[value & 15];
}

/// Names another protocol by its first bytes; empty if it is none that we know.
std::string other_protocol(std::string_view head) {
  if (head.starts_with("\x16\x03")) {
    return "this is a TLS handshake, and plain HTTP is spoken here; " +
           base::advice_on(base::Trouble::port_speaks_plain_http);
  }
  if (head.starts_with("\x15\x03")) {
    return "this is a TLS alert, and plain HTTP is spoken here; does that port want https?";
  }
  if (head.starts_with("PRI * HTTP/2")) {
    return "this is HTTP/2 without TLS, as gRPC speaks it; a connection to the proxy may begin "
           "with it but not change to it, and the admin port speaks HTTP/1.1 alone";
  }
  return {};
}

/// The first byte in `line` that is at fault.
std::optional<char> byte_at_fault(HeadFault fault, std::string_view line) {
  const auto first = [&](std::string_view part, auto is_fine) -> std::optional<char> {
    const auto* found = std::ranges::find_if_not(part, is_fine);
    return found == part.end() ? std::nullopt : std::optional(*found);
  };
  switch (fault) {
    case HeadFault::target_byte_invalid: {
      std::string_view target = line;
      base::take_until(target, ' ');
      return first(target.substr(0, target.rfind(' ')), is_target_char);
    }
    case HeadFault::method_malformed:
    case HeadFault::field_name_malformed: return first(line, is_token_char);
    case HeadFault::value_malformed: return first(line, is_text_char);
    default: return std::nullopt;
  }
}

/// True if the fault is in this line, which is passed without its LF.
bool is_at_fault(HeadFault fault, std::string_view line, bool first) {
  const bool ended = line.ends_with('\r');
  const std::string_view text = line.substr(0, line.size() - (ended ? 1 : 0));
  const std::size_t name =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_token_char) - text.begin());
  switch (fault) {
    case HeadFault::no_head:
    case HeadFault::line_end_malformed: return !ended || text.find('\r') != text.npos;
    case HeadFault::method_malformed:
    case HeadFault::target_byte_invalid: return first;
    case HeadFault::value_malformed: return !std::ranges::all_of(text, is_text_char);
    case HeadFault::line_folding: return !first && !text.empty() && is_blank(text[0]);
    case HeadFault::space_before_colon:
      return !first && name > 0 && name < text.size() && is_blank(text[name]);
    case HeadFault::field_name_malformed:
      return !first && !text.empty() && (name == 0 || name == text.size() || text[name] != ':');
    default: return false;
  }
}

/// `line 3, X-Trace, byte 0x01`; empty if the fault is not in one line.
std::string place_of(HeadFault fault, std::string_view head) {
  int number = 0;
  while (!head.empty()) {
    std::string_view line = base::take_until(head, '\n');
    const bool first = number++ == 0;
    if (!is_at_fault(fault, line, first)) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::string place = "line " + std::to_string(number);
    const std::string_view name = line.substr(0, line.find_first_of(": \t\r"));
    // A text that is not a name, or a long one, may be the rest of a secret that a script broke up.
    const bool is_name = !first && line.find(':') != line.npos && name.size() <= kNameShownMax;
    if (is_name && !name.empty()) place += ", " + base::printable(name, kNameShownMax);
    const auto byte = byte_at_fault(fault, line);
    return byte ? place + ", " + byte_text(*byte) : place;
  }
  return {};
}

std::string no_head_text(std::string_view head) {
  if (head.starts_with("\r\n")) {
    return std::string(sentence(HeadFault::no_head)) + ": it begins with an empty line";
  }
  if (!is_token_char(head[0]) && !head.starts_with('\r')) {
    return std::string(sentence(HeadFault::no_head)) + ": it begins with the " + byte_text(head[0]);
  }
  const std::string place = place_of(HeadFault::no_head, head);
  return place.empty() ? std::string(sentence(HeadFault::no_head))
                       : "a line does not end with CR LF: " + place;
}

/// True if more than one line of `head` has that name, in lower case.
bool repeats(std::string_view head, std::string_view name) {
  int lines = 0;
  while (!head.empty()) {
    const std::string_view line = base::take_until(head, '\n');
    if (base::iequals(line.substr(0, line.find(':')), name)) ++lines;
  }
  return lines > 1;
}

/// Another protocol's server mostly gives itself away by its first word.
std::string no_status_line_text(std::string_view head) {
  const std::string_view word = head.substr(0, head.find_first_of(" \t\r\n"));
  return "this is not an HTTP response: it begins with '" + base::printable(word, kNameShownMax) +
         "'";
}

}  // namespace

std::string_view sentence(HeadFault fault) {
  switch (fault) {
    case HeadFault::none: return "nothing is wrong";
    case HeadFault::no_head: return "this is not the head of an HTTP/1 message";
    case HeadFault::start_line_too_long: return "the first line is longer than 16 KiB";
    case HeadFault::head_too_large: return "the head is larger than 64 KiB";
    case HeadFault::request_line_malformed:
      return "the request line is not a method, a target and a version with one space between";
    case HeadFault::method_malformed: return "the method is not a token";
    case HeadFault::target_byte_invalid: return "the request target holds a control character";
    case HeadFault::target_malformed:
      return "the request target is neither a path, an http or https URL nor, with OPTIONS, an "
             "asterisk";
    case HeadFault::target_host_malformed:
      return "the request target's host is not a host name or address with an optional port";
    case HeadFault::version_unsupported: return "the version is neither HTTP/1.0 nor HTTP/1.1";
    case HeadFault::status_line_malformed:
      return "the status line is not a version, three digits and a reason";
    case HeadFault::status_out_of_range: return "the status is not within 100 to 999";
    case HeadFault::line_end_malformed: return "a line does not end with CR LF";
    case HeadFault::field_name_malformed: return "a field line does not begin with a name and ':'";
    case HeadFault::space_before_colon: return "a field name is followed by a blank";
    case HeadFault::line_folding: return "a field line begins with a blank (obsolete line folding)";
    case HeadFault::value_malformed: return "a field value holds a control character";
    case HeadFault::fields_too_many: return "the head has more fields than it may have";
    case HeadFault::options_too_many: return "Connection lists too many names";
    case HeadFault::framing_lookalike:
      return "a field name is Content-Length or Transfer-Encoding but for an underscore";
    case HeadFault::length_and_coding: return "both Content-Length and Transfer-Encoding are given";
    case HeadFault::length_repeated: return "Content-Length is given more than once";
    case HeadFault::length_malformed: return "Content-Length is not one decimal number";
    case HeadFault::coding_malformed: return "Transfer-Encoding is malformed";
    case HeadFault::coding_unsupported: return "Transfer-Encoding is other than chunked";
    case HeadFault::coding_on_http_1_0: return "Transfer-Encoding is given with HTTP/1.0";
    case HeadFault::body_not_allowed: return "a status that has no body announces one";
    case HeadFault::host_missing: return "the Host field is missing";
    case HeadFault::host_repeated: return "Host is given more than once";
    case HeadFault::host_malformed:
      return "Host is not a host name or address with an optional port";
  }
  return {};
}

std::string sentence(HeadFault fault, std::string_view head) {
  if (head.empty()) return std::string(sentence(fault));
  const bool other = fault == HeadFault::no_head || fault == HeadFault::version_unsupported ||
                     fault == HeadFault::request_line_malformed;
  if (std::string protocol = other ? other_protocol(head) : ""; !protocol.empty()) return protocol;
  if (fault == HeadFault::no_head) return no_head_text(head);
  const bool foreign = fault == HeadFault::status_line_malformed && !head.starts_with("HTTP/");
  if (foreign) return no_status_line_text(head);
  if (fault == HeadFault::fields_too_many) {
    return std::string(sentence(fault)) + "; " + base::advice_on(base::Trouble::too_many_fields);
  }
  if (fault == HeadFault::coding_malformed && repeats(head, "transfer-encoding")) {
    return "Transfer-Encoding is given more than once";
  }
  const std::string place = place_of(fault, head);
  return std::string(sentence(fault)) + (place.empty() ? "" : ": " + place);
}

int reply_status(HeadFault fault) {
  switch (fault) {
    case HeadFault::start_line_too_long: return 414;
    case HeadFault::head_too_large:
    case HeadFault::fields_too_many:
    case HeadFault::options_too_many: return 431;
    case HeadFault::coding_unsupported: return 501;
    default: return 400;
  }
}

}  // namespace bearer::http
