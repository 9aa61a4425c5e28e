#include "token/oauth/content_coding.h"

#include <zlib.h>

#include <string>
#include <utility>

#include "base/text.h"

namespace bearer::token {
namespace {

constexpr int kWindowBits = 15;
constexpr int kEitherHeader = 32;  // zlib's own flag: gzip's or zlib's, whichever is there

std::optional<base::Secret> inflated(std::string_view from, std::size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kWindowBits + kEitherHeader) != Z_OK) return std::nullopt;
  std::string out(bytes_max, '\0');  // at its final size: growing would leave copies
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));  // it only reads
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  base::Secret body{std::string(out)};
  base::wipe(out);
  if (!whole) return std::nullopt;
  return body;
}

}  // namespace

std::optional<base::Secret> decode_content(std::string_view coding, const base::Secret& body,
                                           std::size_t bytes_max) {
  if (coding.empty() || base::iequals(coding, "identity")) return body;
  for (const std::string_view known : {"gzip", "x-gzip", "deflate"}) {
    if (base::iequals(coding, known)) return inflated(body.reveal(), bytes_max);
  }
  return std::nullopt;
}

}  // namespace bearer::token
