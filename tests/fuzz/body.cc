// Framed bodies, in any pieces. The first line says how the rest is framed: `chunked`, `close`, or
// a length.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/body_reader.h"
#include "http/chunk_header.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using http::BodyReader;
using http::Framing;
using Status = BodyReader::Status;

struct Reading {
  Status status = Status::more;
  std::string data;
  std::string trailers;
  std::size_t consumed = 0;  // not of a malformed one

  bool operator==(const Reading&) const = default;
};

/// Offers `piece` until it is consumed or the body has ended.
void read(BodyReader& reader, std::string_view piece, Reading& reading) {
  while (!piece.empty() && reading.status == Status::more) {
    const BodyReader::Step step = reader.next(piece);
    check(step.consumed > 0 || step.status == Status::malformed, "a step consumes something");
    check(step.consumed <= piece.size() && step.data.size() <= step.consumed,
          "a step stays within what it was offered");
    check(
        step.data.empty() || (step.data.data() >= piece.data() &&
                              step.data.data() + step.data.size() <= piece.data() + step.consumed),
        "data is a run of what was consumed");
    reading.data += step.data;
    reading.consumed += step.consumed;
    reading.status = step.status;
    piece.remove_prefix(step.consumed);
  }
}

Reading finished(const BodyReader& reader, Reading reading) {
  check((reading.status == Status::done) == reader.done() || reading.status == Status::more,
        "done() is what the last step said");
  if (reading.status == Status::done) reading.trailers = reader.trailers();
  if (reading.status == Status::malformed) reading.consumed = 0;
  return reading;
}

Reading read_whole(const Framing& framing, std::string_view bytes,
                   http::Reading manner = http::Reading::strict) {
  BodyReader reader(framing, manner);
  Reading reading;
  if (reader.done()) reading.status = Status::done;
  read(reader, bytes, reading);
  return finished(reader, std::move(reading));
}

Reading read_in_pieces(const Framing& framing, std::string_view bytes) {
  BodyReader reader(framing);
  Reading reading;
  if (reader.done()) reading.status = Status::done;
  for (Pieces pieces(bytes); !pieces.empty();) read(reader, pieces.next(), reading);
  return finished(reader, std::move(reading));
}

/// The grammar of RFC 9112 section 7.1 once more, the slow way: the data of a whole body without
/// trailers, nullopt for all else.
std::optional<std::string> plainly_decoded(std::string_view bytes) {
  std::string data;
  for (;;) {
    const std::size_t line_end = bytes.find("\r\n");
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::string_view line = bytes.substr(0, line_end);
    bytes.remove_prefix(line_end + 2);
    const std::size_t digits =
        std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    if (digits == 0 || digits > 16) return std::nullopt;
    const std::uint64_t size = std::stoull(std::string(line.substr(0, digits)), nullptr, 16);
    if (size == 0) break;
    if (bytes.size() < size || bytes.substr(size, 2) != "\r\n") return std::nullopt;
    data += bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
  }
  if (!bytes.starts_with("\r\n")) return std::nullopt;
  return data;
}

/// We send in chunks of our own what we read.
void check_round_trip(std::string_view data) {
  std::string chunked;
  for (Pieces pieces(data); !pieces.empty();) {
    const std::string_view piece = pieces.next();
    chunked.append(http::ChunkHeader(piece.size()).text()).append(piece).append(http::kChunkEnd);
  }
  chunked += "0\r\n\r\n";
  const Reading again = read_whole({Framing::Kind::chunked, 0}, chunked);
  check(again.status == Status::done && again.data == data && again.consumed == chunked.size(),
        "chunks that we write are read as what they hold");
}

/// A lenient reader reads alike what is to the letter. What it takes beyond that is the same body
/// without the blanks behind its sizes.
void check_lenient(const Reading& strict, std::string_view bytes) {
  const Reading lenient = read_whole({Framing::Kind::chunked, 0}, bytes, http::Reading::lenient);
  if (strict.status != Status::malformed) {
    check(lenient == strict, "a lenient reader reads what is to the letter alike");
  } else if (lenient.status == Status::done) {
    check(lenient.data.starts_with(strict.data), "a lenient reader reads on");
  }
}

void check_chunked(const Reading& reading, std::string_view bytes) {
  if (reading.status == Status::done) {
    check(bytes.substr(0, reading.consumed).ends_with("\r\n"), "a chunked body ends with CRLF");
    if (reading.trailers.empty()) {
      const auto plain = plainly_decoded(bytes);
      check(plain && *plain == reading.data, "two decoders agree");
    }
  }
  check_lenient(reading, bytes);
  check_round_trip(reading.data);
}

void check_sized(const Reading& reading, std::uint64_t length, std::string_view bytes) {
  check(reading.status != Status::malformed, "a length leaves nothing to be malformed");
  check(reading.data == bytes.substr(0, length), "a length takes so many bytes");
  check((reading.status == Status::done) == (bytes.size() >= length), "and then it is done");
}

void run(std::string_view bytes) {
  const std::string_view kind = base::take_until(bytes, '\n');
  Framing framing{Framing::Kind::chunked, 0};
  if (kind == "close") framing.kind = Framing::Kind::until_close;
  if (const auto length = base::parse_decimal(kind)) framing = {Framing::Kind::length, *length};

  const Reading reading = read_whole(framing, bytes);
  check(read_in_pieces(framing, bytes) == reading, "a body in pieces is the same body");
  switch (framing.kind) {
    case Framing::Kind::chunked: check_chunked(reading, bytes); break;
    case Framing::Kind::length: check_sized(reading, framing.length, bytes); break;
    case Framing::Kind::until_close: check(reading.data == bytes, "all is data"); break;
    case Framing::Kind::none: break;
  }
}

const Registration registration("body", run);

}  // namespace
}  // namespace bearer::fuzz
