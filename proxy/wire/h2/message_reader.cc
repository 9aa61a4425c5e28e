#include "wire/h2/message_reader.h"

#include <algorithm>
#include <optional>

#include "base/secret.h"
#include "base/text.h"
#include "http/fields.h"

namespace bearer::wire::h2 {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

void lower_names(std::string& lines, std::size_t begin) {
  while (begin < lines.size()) {
    const std::size_t colon = lines.find(':', begin);
    const std::size_t end = lines.find(kLineEnd, begin);
    if (end == std::string::npos) return;
    if (colon < end) {
      std::transform(lines.data() + begin, lines.data() + colon, lines.data() + begin, base::lower);
    }
    begin = end + kLineEnd.size();
  }
}

/// Removes the first of the lines and returns its field; nullopt at their end.
std::optional<Field> take_field(std::string_view& lines) {
  const std::string_view line = lines.substr(0, lines.find(kLineEnd));
  if (line.empty()) return std::nullopt;
  lines.remove_prefix(std::min(lines.size(), line.size() + kLineEnd.size()));
  const std::size_t colon = line.find(':');
  return Field{line.substr(0, colon), base::trim(line.substr(colon + 1))};
}

}  // namespace

Fields fields_of(std::string_view lines) {
  Fields fields;
  while (const std::optional<Field> field = take_field(lines)) fields.push_back(*field);
  return fields;
}

MessageReader::Step MessageReader::read(std::string_view bytes) {
  if (read_) forget();
  std::size_t taken = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(taken);
    switch (state_) {
      case State::head: return read_head(rest);
      case State::size:
        if (!read_size(rest, taken)) return {What::nothing, taken};
        state_ = left_ > 0 ? State::chunk : State::trailers;
        break;
      case State::chunk_end: {
        const std::size_t more = std::min(rest.size(), kLineEnd.size() - line_end_);
        line_end_ = static_cast<std::uint8_t>(line_end_ + more);
        taken += more;
        if (line_end_ < kLineEnd.size()) return {What::nothing, taken};
        line_end_ = 0;
        state_ = State::size;
        break;
      }
      case State::trailers:
        // The last chunk's own line end was read, so an empty line ends them.
        taken +=
            take_lines(rest, lines_.empty() && rest.starts_with(kLineEnd) ? kLineEnd : kHeadEnd);
        if (lines_ != kLineEnd && !lines_.ends_with(kHeadEnd)) return {What::nothing, taken};
        lines_.resize(lines_.size() - kLineEnd.size());
        lower_names(lines_, 0);
        state_ = State::end;
        break;
      case State::length:
      case State::chunk:
      case State::raw: {
        const bool counted = state_ != State::raw;
        const std::size_t some =
            counted ? static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), left_))
                    : rest.size();
        if (some == 0) return {What::nothing, taken};
        if (counted) left_ -= some;
        if (counted && left_ == 0) state_ = state_ == State::chunk ? State::chunk_end : State::end;
        return {What::data, taken + some, rest.substr(0, some)};
      }
      case State::end:
        state_ = State::over;
        read_ = true;
        return {What::end, taken};
      case State::over: return {What::nothing, taken};
    }
  }
}

/// Appends the bytes up to the end of `until`, or all; returns how many.
std::size_t MessageReader::take_lines(std::string_view bytes, std::string_view until) {
  const std::size_t had = lines_.size();
  const std::size_t overlap = std::min(had, until.size() - 1);
  if (overlap == 0) {
    const std::size_t at = bytes.find(until);
    const std::size_t some = at == std::string_view::npos ? bytes.size() : at + until.size();
    lines_.append(bytes.substr(0, some));
    return some;
  }
  lines_.append(bytes);
  const std::size_t at = lines_.find(until, had - overlap);
  if (at != std::string::npos) lines_.resize(at + until.size());
  return lines_.size() - had;
}

MessageReader::Step MessageReader::read_head(std::string_view bytes) {
  const std::size_t taken = take_lines(bytes, kHeadEnd);
  if (!lines_.ends_with(kHeadEnd)) return {What::nothing, taken};
  parse_head();
  read_ = true;
  return {What::head, taken};
}

bool MessageReader::read_size(std::string_view bytes, std::size_t& taken) {
  for (const char c : bytes) {
    ++taken;
    if (c == '\n') return true;
    if (c == '\r') continue;
    left_ = (left_ << 4) | static_cast<std::uint64_t>(base::hex_digit(c));
  }
  return false;
}

void MessageReader::parse_head() {
  const std::size_t line = lines_.find(kLineEnd);
  lower_names(lines_, line + kLineEnd.size());
  start_line_ = std::string_view(lines_).substr(0, line);
  std::string_view rest = std::string_view(lines_).substr(line + kLineEnd.size());
  constexpr std::size_t kFieldsMostly = 16;
  fields_.reserve(kFieldsMostly);
  state_ = kind_ == Kind::request ? State::end : State::raw;
  takes_trailers_ = false;
  upgrade_ = {};
  while (const std::optional<Field> field = take_field(rest)) {
    switch (http::field_name(field->name)) {
      case http::FieldName::upgrade: upgrade_ = field->value; continue;
      case http::FieldName::te: takes_trailers_ |= field->value == "trailers"; continue;
      case http::FieldName::connection:
      case http::FieldName::keep_alive:
      case http::FieldName::proxy_connection: continue;
      case http::FieldName::transfer_encoding:
        left_ = 0;
        state_ = State::size;
        continue;
      case http::FieldName::content_length:
        left_ = base::parse_decimal(field->value).value_or(0);
        state_ = left_ > 0 ? State::length : State::end;
        break;
      default: break;
    }
    fields_.push_back(*field);
  }
}

void MessageReader::forget() {
  read_ = false;
  base::wipe(lines_);  // a token may be among them
  std::string().swap(lines_);
  Fields().swap(fields_);
  start_line_ = upgrade_ = {};
}

}  // namespace bearer::wire::h2
