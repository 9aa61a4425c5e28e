#include "wire/h2/message_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/secret.h"
#include "base/text.h"

namespace bearer::wire::h2 {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

constexpr std::uint64_t kEach = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kEach;

/// Eight letters, in lower case.
std::uint64_t lower_eight(std::uint64_t eight) {
  const std::uint64_t low = eight & ~kHighBits;
  const std::uint64_t from_a = low + (0x80 - 'A') * kEach;
  const std::uint64_t beyond_z = low + (0x7f - 'Z') * kEach;
  const std::uint64_t upper = (from_a ^ beyond_z) & ~eight & kHighBits;
  return eight | (upper >> 2);
}

/// Copies the name with which `line` begins to `to`, in lower case, and perhaps more of the line:
/// eight letters at a time, because most of what a head costs is its names. Returns its size.
std::size_t copy_lower_name(std::string_view line, char* to) {
  std::size_t at = 0;
  const bool first_is_low = std::endian::native == std::endian::little;
  for (std::uint64_t eight = 0; first_is_low && at + sizeof eight <= line.size();
       at += sizeof eight) {
    std::memcpy(&eight, line.data() + at, sizeof eight);
    const std::uint64_t other = eight ^ (':' * kEach);
    const std::uint64_t colons = (other - kEach) & ~other & kHighBits;  // the lowest one is right
    eight = lower_eight(eight);
    std::memcpy(to + at, &eight, sizeof eight);
    if (colons != 0) return at + static_cast<std::size_t>(std::countr_zero(colons)) / 8;
  }
  for (; at < line.size() && line[at] != ':'; ++at) to[at] = base::lower(line[at]);
  return at;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// A value without the blanks around it, which mostly is a single one.
std::string_view trimmed(std::string_view value) {
  const bool usual =
      value.size() >= 2 && value[0] == ' ' && !is_blank(value[1]) && !is_blank(value.back());
  return usual ? value.substr(1) : base::trim(value);
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

  /// For a head of at most so many bytes.
  void begin(std::size_t bytes) {
    start_line = upgrade = {};
    fields.clear();
    if (names_.size() < bytes) names_.resize(bytes);
    name_ = names_.data();
  }
  /// The field that `line` holds, whose name may be in any case.
  Field field_of(std::string_view line) {
    const std::size_t size = copy_lower_name(line, name_);
    const std::string_view name(std::exchange(name_, name_ + size), size);
    return {name, trimmed(line.substr(std::min(line.size(), size + 1)))};
  }

 private:
  std::vector<char> names_;  // views into it last until begin()
  char* name_ = nullptr;     // the next one's place
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

MessageReader::Step MessageReader::read_head(std::string_view bytes) {
  const std::size_t taken = take_lines(bytes, kHeadEnd);
  if (!lines_.ends_with(kHeadEnd)) return {What::nothing, taken};
  begin_head(lines_.size());
  parse_lines(lines_);
  read_ = true;
  return {What::head, taken};
}

/// Nearly every head comes like this: a response's in one piece, a request's with its token in
/// another.
std::size_t MessageReader::read_head(std::span<const iovec> pieces) {
  constexpr std::size_t kJoinedMax = 8u << 10;
  if (read_) forget();
  if (state_ != State::head || !lines_.empty()) return 0;
  std::size_t left = 0, size = 0;
  std::size_t cut_at = 0;  // in lines_: the line that is cut
  for (const iovec& piece : pieces) left += piece.iov_len;
  begin_head(left);
  for (const iovec& piece : pieces) {
    std::string_view bytes(static_cast<const char*>(piece.iov_base), piece.iov_len);
    left -= bytes.size();
    size += bytes.size();
    if (cut_at < lines_.size()) {
      // Views of these lines are kept, so they must not move.
      const std::size_t end = bytes.find('\n');
      const std::size_t some = end == std::string_view::npos ? bytes.size() : end + 1;
      if (lines_.capacity() - lines_.size() < some) break;
      lines_.append(bytes.substr(0, some));
      if (end == std::string_view::npos) continue;
      bytes.remove_prefix(some);
      const std::string_view line = std::string_view(lines_).substr(cut_at);
      parse_line(line.substr(0, line.size() - kLineEnd.size()));
      cut_at = lines_.size();
    }
    if (!whole_) bytes.remove_prefix(parse_lines(bytes));
    if (whole_) {
      read_ = true;
      return size - bytes.size();
    }
    if (bytes.empty()) continue;
    if (lines_.empty()) lines_.reserve(std::min(bytes.size() + left, kJoinedMax));
    if (lines_.capacity() - lines_.size() < bytes.size()) break;
    lines_.append(bytes);
  }
  state_ = State::head;
  forget();
  return 0;
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

/// For a head of at most so many bytes.
void MessageReader::begin_head(std::size_t bytes) {
  head().begin(bytes);
  takes_trailers_ = whole_ = false;
  state_ = kind_ == Kind::request ? State::end : State::raw;
}

/// Parses the whole lines with which `bytes` begin, up to the empty one. Returns their size.
std::size_t MessageReader::parse_lines(std::string_view bytes) {
  std::size_t at = 0;
  while (!whole_) {
    const std::size_t end = bytes.find('\r', at);
    if (end == std::string_view::npos || end + 1 == bytes.size()) break;
    parse_line(bytes.substr(at, end - at));
    at = end + kLineEnd.size();
  }
  return at;
}

void MessageReader::parse_line(std::string_view line) {
  Head& read = head();
  if (line.empty()) {
    whole_ = true;
  } else if (read.start_line.empty()) {
    read.start_line = line;
  } else {
    const Field field = read.field_of(line);
    if (concerns_message(field)) read.fields.push_back(field);
  }
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
