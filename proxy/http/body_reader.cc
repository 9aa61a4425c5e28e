#include "http/body_reader.h"

#include <limits>

#include "base/text.h"
#include "http/chars.h"
#include "http/head_parser.h"

namespace bearer::http {

namespace {

constexpr std::uint16_t kSizeDigitsMax = 16;  // all that 64 bits can hold

}  // namespace

BodyReader::BodyReader(const Framing& framing, Reading reading) : reading_(reading) {
  switch (framing.kind) {
    case Framing::Kind::none: state_ = State::done; break;
    case Framing::Kind::length:
      remaining_ = framing.length;
      state_ = framing.length == 0 ? State::done : State::sized;
      break;
    case Framing::Kind::chunked: state_ = State::chunk_size; break;
    case Framing::Kind::until_close: state_ = State::until_close; break;
  }
}

BodyReader::Step BodyReader::next(std::string_view in) {
  Step step;
  while (step.consumed < in.size()) {
    const std::string_view rest = in.substr(step.consumed);
    switch (state_) {
      case State::sized:
      case State::until_close:
      case State::chunk_data:
        if (!step.data.empty()) return step;
        step.data = take_data(rest);
        step.consumed += step.data.size();
        break;
      case State::trailer: step.consumed += read_trailers(rest); break;
      case State::done: step.status = Status::done; return step;
      case State::malformed: step.status = Status::malformed; return step;
      default: state_ = read_framing(rest.front()); ++step.consumed;
    }
  }
  if (state_ == State::done) step.status = Status::done;
  if (state_ == State::malformed) step.status = Status::malformed;
  return step;
}

std::string_view BodyReader::take_data(std::string_view in) {
  if (state_ == State::until_close) return in;
  const std::string_view data = in.substr(0, remaining_);
  remaining_ -= data.size();
  if (remaining_ == 0) state_ = state_ == State::sized ? State::done : State::data_cr;
  return data;
}

BodyReader::State BodyReader::read_framing(char c) {
  switch (state_) {
    case State::size_lf:
      if (c != '\n') return State::malformed;
      line_bytes_ = 0;
      return remaining_ == 0 ? State::trailer : State::chunk_data;
    case State::data_cr: return c == '\r' ? State::data_lf : State::malformed;
    case State::data_lf: return c == '\n' ? State::chunk_size : State::malformed;
    default: return read_size_line(c);
  }
}

BodyReader::State BodyReader::read_size_line(char c) {
  if (++line_bytes_ > kChunkLineBytesMax) return State::malformed;
  if (state_ == State::extension) {
    if (c == '\r') return State::size_lf;
    return is_text_char(c) ? State::extension : State::malformed;
  }
  if (state_ == State::chunk_size) {
    if (const int digit = base::hex_digit(c); digit >= 0) {
      if (line_bytes_ > kSizeDigitsMax) return State::malformed;
      remaining_ = remaining_ << 4 | static_cast<unsigned>(digit);
      return remaining_ <= kLengthMax ? State::chunk_size : State::malformed;
    }
    if (line_bytes_ == 1) return State::malformed;  // no digit at all
    if (c == '\r') return State::size_lf;
  }
  if (state_ == State::chunk_blank && c == '\r' && reading_ == Reading::lenient) {
    odd_ = true;
    return State::size_lf;
  }
  // Blanks may come before an extension (RFC 9112 section 7.1.1), but not before the line's end.
  if (c == ';') return State::extension;
  return is_blank(c) ? State::chunk_blank : State::malformed;
}

std::size_t BodyReader::read_trailers(std::string_view in) {
  const std::size_t line_feed = in.find('\n');
  const bool line_ends = line_feed != std::string_view::npos;
  const std::string_view piece = line_ends ? in.substr(0, line_feed + 1) : in;
  if (trailers_.size() + piece.size() > kTrailerSectionBytesMax) {
    state_ = State::malformed;
    return 0;
  }
  trailers_ += piece;
  if (line_ends) state_ = end_trailer_line();
  return piece.size();
}

BodyReader::State BodyReader::end_trailer_line() {
  const std::string_view section = trailers_;
  if (!section.ends_with(kLineEnd)) return State::malformed;
  const std::string_view lines = section.substr(0, section.size() - kLineEnd.size());
  const bool blank_line = lines.empty() || lines.ends_with('\n');
  if (!blank_line) return State::trailer;
  trailers_.resize(lines.size());
  FieldList fields;
  const HeadFault fault = parse_field_lines(trailers_, fields);
  return fault == HeadFault::none ? State::done : State::malformed;
}

bool BodyReader::at_eof() {
  if (state_ == State::until_close) state_ = State::done;
  return done();
}

std::optional<std::uint64_t> BodyReader::remaining() const {
  if (state_ == State::sized) return remaining_;
  if (state_ == State::done) return 0;
  return std::nullopt;
}

}  // namespace bearer::http
