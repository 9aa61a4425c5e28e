#include "token/oauth/content_coding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "base/text.h"
#include "http/token_list.h"

namespace bearer::token {
namespace {

constexpr int kWindowBits = 15;
// zlib's own way to name what comes before and after the deflate data.
constexpr int kGzip = kWindowBits + 16;
constexpr int kZlib = kWindowBits;
constexpr int kBare = -kWindowBits;

constexpr int kUndoneMax = 2;

constexpr std::array<std::string_view, 3> kUndone{"gzip", "x-gzip", "deflate"};
/// Codings that are not undone here. Any other name says nothing of the bytes: an alphabet, or the
/// form of a request that was signed.
constexpr std::array<std::string_view, 6> kOthers{"br",  "zstd",       "compress",
                                                  "dcb", "x-compress", "dcz"};

bool is_gzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

/// RFC 1950 section 2.2: the method is deflate, and a multiple of 31. Text may begin like that.
bool may_be_zlib(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const unsigned method = static_cast<unsigned char>(bytes[0]);
  const unsigned flags = static_cast<unsigned char>(bytes[1]);
  return (method & 0x0fu) == 8 && (method >> 4) <= 7 && (method * 256 + flags) % 31 == 0;
}

/// True for a text that begins as JSON does. Coded data may begin so, too, but holds other bytes.
bool is_json(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of("\xef\xbb\xbf \t\r\n");
  if (first == bytes.npos) return false;
  if (std::string_view("{[\"").find(bytes[first]) == std::string_view::npos) return false;
  return std::ranges::all_of(bytes, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  });
}

/// Goes on with the next member of gzip's. False at the end; what follows it is left out.
bool next_member(z_stream& stream, int window) {
  const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
  return window == kGzip && is_gzip(rest) && inflateReset(&stream) == Z_OK;
}

std::optional<base::Secret> inflated(std::string_view from, int window, std::size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return std::nullopt;
  std::string out(bytes_max, '\0');  // at its final size: growing would leave copies
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));  // it only reads
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  bool whole = false;
  do {
    whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  } while (whole && next_member(stream, window));
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  base::Secret body{std::string(out)};
  base::wipe(out);
  if (!whole) return std::nullopt;
  return body;
}

bool names(std::string_view codings, std::span<const std::string_view> any_of) {
  while (const auto one = http::next_element(codings)) {
    const auto same = [&](std::string_view coding) { return base::iequals(*one, coding); };
    if (std::ranges::any_of(any_of, same)) return true;
  }
  return false;
}

/// One coding less; nullopt if the bytes are in none that is known.
std::optional<base::Secret> undone(std::string_view bytes, std::string_view codings,
                                   std::size_t bytes_max) {
  constexpr std::array<std::string_view, 1> kDeflate{"deflate"};
  if (is_gzip(bytes)) return inflated(bytes, kGzip, bytes_max);
  std::optional<base::Secret> body;
  if (may_be_zlib(bytes)) body = inflated(bytes, kZlib, bytes_max);
  if (!body && names(codings, kDeflate)) body = inflated(bytes, kBare, bytes_max);
  return body;
}

}  // namespace

std::optional<base::Secret> decode_content(std::string_view codings, const base::Secret& body,
                                           std::size_t bytes_max) {
  base::Secret decoded = body;
  bool coded = names(codings, kUndone);
  for (int rounds = 0; rounds < kUndoneMax; ++rounds) {
    const std::string_view bytes = decoded.reveal();
    if (bytes.empty() || is_json(bytes)) return decoded;
    std::optional<base::Secret> next = undone(bytes, codings, bytes_max);
    if (!next && is_gzip(bytes)) return std::nullopt;
    if (!next) break;
    decoded = std::move(*next);
    coded = false;
  }
  coded = coded || is_gzip(decoded.reveal()) || names(codings, kOthers);
  if (coded && !is_json(decoded.reveal())) return std::nullopt;
  return decoded;
}

}  // namespace bearer::token
