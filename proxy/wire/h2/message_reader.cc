#include "wire/h2/message_reader.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"
#include "base/text.h"

namespace bearer::wire::h2 {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// Appends `name` in lower case, eight letters at a time: most of what a head costs is its names.
void append_lower(std::string& out, std::string_view name) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const std::size_t had = out.size();
  out.append(name);
  char* at = out.data() + had;
  std::size_t left = name.size();
  for (std::uint64_t eight = 0; left >= sizeof eight; at += sizeof eight, left -= sizeof eight) {
    std::memcpy(&eight, at, sizeof eight);
    const std::uint64_t low = eight & (0x7f * kEach);
    const std::uint64_t from_a = low + (0x80 - 'A') * kEach;
    const std::uint64_t beyond_z = low + (0x7f - 'Z') * kEach;
    const std::uint64_t upper = (from_a ^ beyond_z) & ~eight & (0x80 * kEach);
    eight |= upper >> 2;
    std::memcpy(at, &eight, sizeof eight);
  }
  std::transform(at, at + left, at, base::lower);
}

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

/// The field that `line` holds, whose name may be in any case.
Field field_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  return {line.substr(0, colon), base::trim(line.substr(colon + 1))};
}

/// A head that was read. One is enough for a thread, whose readers read one at a time.
struct Head {
  std::string_view start_line, upgrade;
  Fields fields;
  std::string names;  // in lower case
};

Head& head() {
  thread_local Head only;
  return only;
}

}  // namespace

Fields fields_of(std::string_view lines) {
  Fields fields;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.size(), lines.find(kLineEnd));
    fields.push_back(field_of(lines.substr(0, end)));
    lines.remove_prefix(std::min(lines.size(), end + kLineEnd.size()));
  }
  return fields;
}

std::string_view MessageReader::start_line() const {
  return head().start_line;
}

const Fields& MessageReader::fields() const {
  return head().fields;
}

std::string_view MessageReader::upgrade() const {
  return head().upgrade;
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

void MessageReader::expect(std::size_t bytes) {
  constexpr std::size_t kBytesMax = 8u << 10;  // more than that is mostly a body
  const bool head = kind_ == Kind::request && state_ == State::head && lines_.empty();
  if (head && bytes <= kBytesMax) lines_.reserve(bytes);
}

/// Appends to lines_. A token among them leaves no copy where it stood before.
void MessageReader::append(std::string_view bytes) {
  if (lines_.capacity() - lines_.size() < bytes.size()) {
    std::string larger;
    larger.reserve(2 * (lines_.size() + bytes.size()));
    larger.append(lines_);
    base::wipe(lines_);
    lines_.swap(larger);
  }
  lines_.append(bytes);
}

/// Appends the bytes up to the end of `until`, or all; returns how many.
std::size_t MessageReader::take_lines(std::string_view bytes, std::string_view until) {
  const std::size_t had = lines_.size();
  const std::size_t overlap = std::min(had, until.size() - 1);
  if (overlap == 0) {
    const std::size_t at = bytes.find(until);
    const std::size_t some = at == std::string_view::npos ? bytes.size() : at + until.size();
    append(bytes.substr(0, some));
    return some;
  }
  append(bytes);
  const std::size_t at = lines_.find(until, had - overlap);
  if (at != std::string::npos) lines_.resize(at + until.size());
  return lines_.size() - had;
}

/// A response's head mostly is there in one piece, and is read where it stands. A request's never
/// is: its token comes last.
MessageReader::Step MessageReader::read_head(std::string_view bytes) {
  const bool whole = kind_ == Kind::response && lines_.empty();
  std::size_t taken = whole ? parse_head(bytes) : 0;
  if (taken == 0) {
    taken = take_lines(bytes, kHeadEnd);
    if (!lines_.ends_with(kHeadEnd)) return {What::nothing, taken};
    parse_head(lines_);
  }
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

/// The size of the head with which `bytes` begin; 0 if it is not whole.
std::size_t MessageReader::parse_head(std::string_view bytes) {
  Head& read = head();
  read.upgrade = {};
  read.fields.clear();
  read.names.clear();
  read.names.reserve(bytes.size());  // views into it must last
  takes_trailers_ = false;
  state_ = kind_ == Kind::request ? State::end : State::raw;
  std::size_t at = 0;
  for (std::size_t lines = 0;; ++lines) {
    const std::size_t end = bytes.find('\r', at);
    if (end == std::string_view::npos || end + 1 == bytes.size()) break;
    const std::string_view line = bytes.substr(at, end - at);
    at = end + kLineEnd.size();
    if (line.empty()) return at;
    if (lines == 0) {
      read.start_line = line;
      continue;
    }
    Field field = field_of(line);
    const std::size_t name = read.names.size();
    append_lower(read.names, field.name);
    field.name = std::string_view(read.names).substr(name);
    if (concerns_message(field)) read.fields.push_back(field);
  }
  state_ = State::head;
  return 0;
}

/// Notes what the field says of the message's framing. False if it is for a connection alone.
bool MessageReader::concerns_message(const Field& field) {
  const std::string_view name = field.name;
  if (name == "content-length") {
    left_ = base::parse_decimal(field.value).value_or(0);
    state_ = left_ > 0 ? State::length : State::end;
    return true;
  }
  if (name == "transfer-encoding") {
    left_ = 0;
    state_ = State::size;
  } else if (name == "upgrade") {
    head().upgrade = field.value;
  } else if (name == "te") {
    takes_trailers_ |= field.value == "trailers";
  } else {
    return name != "connection" && name != "keep-alive" && name != "proxy-connection";
  }
  return false;
}

void MessageReader::forget() {
  read_ = false;
  if (lines_.empty()) return;
  base::wipe(lines_);  // a token may be among them
  std::string().swap(lines_);
}

}  // namespace bearer::wire::h2
