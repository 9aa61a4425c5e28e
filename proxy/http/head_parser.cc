#include "http/head_parser.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "http/chars.h"

namespace bearer::http {

namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The loops below do not check for the end: each stops at a LF, and their bytes end with one.

const char* skip_token(const char* at) {
  while (is_token_char(*at)) ++at;
  return at;
}

// Skips eight bytes at once if they are text without a tab. A tab is checked by itself.
const char* skip_text(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x80 * kOnes;
  constexpr std::ptrdiff_t kStep = sizeof(std::uint64_t);
  for (; end - at >= kStep; at += kStep) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t control = (word - ' ' * kOnes) & ~word;
    const std::uint64_t to_del = word ^ 0x7f * kOnes;
    const std::uint64_t del = (to_del - kOnes) & ~to_del;
    const std::uint64_t stops = (control | del) & kTops;
    if (stops == 0) continue;
    if constexpr (std::endian::native == std::endian::little) {
      at += std::countr_zero(stops) / 8;  // the bytes before the first one are text
    }
    break;
  }
  while (is_text_char(*at)) ++at;
  return at;
}

bool at_line_end(const char* at) {
  return at[0] == '\r' && at[1] == '\n';
}

HeadFault name_fault(const char* name, const char* stopped) {
  if (!is_blank(*stopped)) return HeadFault::field_name_malformed;
  return stopped == name ? HeadFault::line_folding : HeadFault::space_before_colon;
}

/// Returns the fault of this character, which ended a run of text before its line's end.
HeadFault text_fault(char stopped) {
  return stopped == '\r' || stopped == '\n' ? HeadFault::line_end_malformed
                                            : HeadFault::value_malformed;
}

HeadFault read_field_line(const char*& at, const char* end, Field& field) {
  const char* const name = at;
  at = skip_token(at);
  if (at == name || *at != ':') return name_fault(name, at);
  field.name = between(name, at++);
  while (is_blank(*at)) ++at;
  const char* const value = at;
  at = skip_text(at, end);
  if (!at_line_end(at)) return text_fault(*at);
  const char* value_end = at;
  while (value_end > value && is_blank(value_end[-1])) --value_end;
  field.value = between(value, value_end);
  field.id = field_name(field.name);
  field.plain = value_end == at && field.name.end()[1] == ' ' && value == field.name.end() + 2;
  at += kLineEnd.size();
  return HeadFault::none;
}

/// Reads the version, after "method SP target SP".
HeadFault read_version(const char*& at, const char* end, int& minor_version) {
  constexpr std::string_view kPattern = "HTTP/1.1\r\n";
  const std::string_view text = between(at, end).substr(0, kPattern.size());
  const auto digit = [&](std::size_t i) { return base::is_digit(text[i]); };
  if (text.size() < kPattern.size() || !text.starts_with("HTTP/") || !digit(5) || text[6] != '.' ||
      !digit(7) || !text.ends_with(kLineEnd)) {
    return HeadFault::request_line_malformed;
  }
  if (text[5] != '1' || text[7] > '1') return HeadFault::version_unsupported;
  minor_version = text[7] - '0';
  at += kPattern.size();
  return HeadFault::none;
}

HeadFault read_request_line(const char*& at, const char* end, RequestHead& head) {
  const char* const method_begin = at;
  at = skip_token(at);
  if (at == method_begin || *at != ' ') return HeadFault::method_malformed;
  head.method_text = between(method_begin, at++);
  head.method = method(head.method_text);
  const char* const target = at;
  while (is_target_char(*at)) ++at;
  if (at == target || at_line_end(at)) return HeadFault::request_line_malformed;
  if (*at != ' ') return HeadFault::target_byte_invalid;
  head.target = between(target, at++);
  return read_version(at, end, head.minor_version);
}

HeadFault read_status_line(const char*& at, const char* end, ResponseHead& head) {
  constexpr std::string_view kPattern = "HTTP/1.1 200";
  const std::string_view text = between(at, end).substr(0, kPattern.size());
  if (text.size() < kPattern.size() || !text.starts_with("HTTP/")) {
    return HeadFault::status_line_malformed;
  }
  if (!text.starts_with("HTTP/1.0 ") && !text.starts_with("HTTP/1.1 ")) {
    return HeadFault::version_unsupported;
  }
  const std::string_view digits = text.substr(9);
  if (!std::ranges::all_of(digits, base::is_digit)) return HeadFault::status_line_malformed;
  head.minor_version = text[7] - '0';
  head.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (head.status < 100) return HeadFault::status_out_of_range;
  at += kPattern.size();
  // Some servers leave out the space together with the reason.
  if (*at == ' ') {
    ++at;
  } else if (!at_line_end(at)) {
    return HeadFault::status_line_malformed;
  }
  const char* const reason = at;
  at = skip_text(at, end);
  if (!at_line_end(at)) return text_fault(*at);
  head.reason = between(reason, at);
  at += kLineEnd.size();
  return HeadFault::none;
}

/// True for the fields that some readers read differently if their line is folded, and so find
/// another end of the body.
bool frames(std::string_view line) {
  const FieldName id = field_name(base::trim(base::take_until(line, ':')));
  return id == FieldName::content_length || id == FieldName::transfer_encoding ||
         id == FieldName::framing_lookalike;
}

/// True if every reader takes `line` for a continuation of the field line `begun`. A line of blanks
/// alone ends the head for some, and one that looks like a framing field is that field for others.
bool continues(std::string_view line, std::string_view begun) {
  const std::string_view text = base::trim(line);
  return is_blank(line.front()) && !text.empty() && !begun.empty() && !frames(text) &&
         !frames(begun);
}

/// Parses the start line with `read_start_line`, then the fields.
template <typename Head, typename ReadStartLine>
HeadFault parse_head(std::string_view bytes, Head& head, ReadStartLine read_start_line) {
  head.fields.clear();
  if (!bytes.ends_with("\r\n\r\n")) return HeadFault::line_end_malformed;
  const char* at = bytes.data();
  const char* const end = bytes.data() + bytes.size() - kLineEnd.size();
  if (const HeadFault fault = read_start_line(at, end, head); fault != HeadFault::none) {
    return fault;
  }
  return parse_field_lines(between(at, end), head.fields);
}

}  // namespace

HeadFault parse_request_head(std::string_view bytes, RequestHead& head) {
  return parse_head(bytes, head, read_request_line);
}

HeadFault parse_response_head(std::string_view bytes, ResponseHead& head) {
  return parse_head(bytes, head, read_status_line);
}

std::string unfold_head(std::string_view bytes) {
  std::string unfolded;
  unfolded.reserve(bytes.size() + bytes.size() / 8);
  std::string_view begun;  // the field line that a folded line would continue
  bool start_line = true;
  while (!bytes.empty()) {
    std::string_view line = base::take_until(bytes, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && continues(line, begun)) {
      unfolded.resize(unfolded.size() - kLineEnd.size());
      unfolded.append(" ").append(base::trim(line));
    } else {
      if (!start_line) begun = line;
      unfolded.append(line);
    }
    unfolded.append(kLineEnd);
    start_line = false;
  }
  return unfolded;
}

HeadFault parse_field_lines(std::string_view bytes, FieldList& fields) {
  fields.clear();
  if (bytes.empty()) return HeadFault::none;
  if (!bytes.ends_with(kLineEnd)) return HeadFault::line_end_malformed;
  const char* at = bytes.data();
  const char* const end = bytes.data() + bytes.size();
  Field field;
  while (at != end) {
    if (const HeadFault fault = read_field_line(at, end, field); fault != HeadFault::none)
      return fault;
    if (fields.full()) return HeadFault::fields_too_many;
    fields.push(field);
  }
  return HeadFault::none;
}

}  // namespace bearer::http
