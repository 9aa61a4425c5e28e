#include "tests/support/h2_frames.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <stdexcept>

namespace bearer::test {

namespace h2 {

std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
  return out;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out.append(number(stream)).append(payload);
}

std::string settings(const std::map<std::uint16_t, std::uint32_t>& values) {
  std::string payload;
  for (const auto& [id, value] : values) payload += number(id).substr(2) + number(value);
  return frame(kSettings, 0, 0, payload);
}

std::string hello(const std::map<std::uint16_t, std::uint32_t>& values) {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings(values);
}

namespace {

/// A string that is not Huffman-coded (RFC 7541 section 5.2).
std::string text(std::string_view bytes) {
  constexpr std::size_t kPrefixMax = 127;
  std::string out;
  if (bytes.size() < kPrefixMax) {
    out += static_cast<char>(bytes.size());
  } else {
    out += static_cast<char>(kPrefixMax);
    std::size_t rest = bytes.size() - kPrefixMax;
    for (; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
    out += static_cast<char>(rest);
  }
  return out.append(bytes);
}

}  // namespace

std::string block(const Lines& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out.append(1, '\x10').append(text(name)).append(text(value));
  return out;
}

Lines request(std::string_view method, std::string_view path, const Lines& more) {
  Lines fields{{":method", std::string(method)},
               {":scheme", "http"},
               {":authority", "localhost"},
               {":path", std::string(path)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

std::string head(std::uint32_t stream, const Lines& fields, bool ends) {
  constexpr std::size_t kFrameBytesMax = 16384;
  const std::string whole = block(fields);
  const bool one = whole.size() <= kFrameBytesMax;
  std::string out =
      frame(kHeaders, static_cast<std::uint8_t>((ends ? kEndStream : 0) | (one ? kEndHeaders : 0)),
            stream, std::string_view(whole).substr(0, kFrameBytesMax));
  for (std::size_t at = kFrameBytesMax; at < whole.size(); at += kFrameBytesMax) {
    const bool last = whole.size() - at <= kFrameBytesMax;
    out += frame(kContinuation, last ? kEndHeaders : std::uint8_t{0}, stream,
                 std::string_view(whole).substr(at, kFrameBytesMax));
  }
  return out;
}

std::string data(std::uint32_t stream, std::string_view bytes, bool ends) {
  return frame(kData, ends ? kEndStream : std::uint8_t{0}, stream, bytes);
}

std::string reset(std::uint32_t stream, std::uint32_t code) {
  return frame(kReset, 0, stream, number(code));
}

std::string window(std::uint32_t stream, std::uint32_t more) {
  return frame(kWindowUpdate, 0, stream, number(more));
}

}  // namespace h2

namespace {

std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

std::string value_in(const h2::Lines& fields, std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? "" : found->second;
}

}  // namespace

std::uint32_t H2Reader::Frame::code() const {
  return number_in(std::string_view(payload).substr(type == h2::kGoaway ? 4 : 0, 4));
}

std::string H2Reader::Frame::value(std::string_view name) const {
  return value_in(fields, name);
}

std::string H2Reader::Stream::status() const {
  return value(":status");
}

std::string H2Reader::Stream::value(std::string_view name) const {
  std::string last;
  for (const h2::Lines& head : heads) {
    const std::string its = value_in(head, name);
    if (!its.empty()) last = its;
  }
  return last;
}

H2Reader::H2Reader() {
  if (nghttp2_hd_inflate_new(&inflater_) != 0) throw std::bad_alloc();
}

H2Reader::~H2Reader() {
  nghttp2_hd_inflate_del(inflater_);
}

h2::Lines H2Reader::inflate(std::string_view block) {
  h2::Lines fields;
  const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t read = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
    if (read < 0) throw std::runtime_error("a block of fields is malformed");
    in += read;
    left -= static_cast<std::size_t>(read);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return fields;
}

void H2Reader::feed(std::string_view bytes) {
  constexpr std::size_t kHeaderBytes = 9;
  rest_ += bytes;
  for (;;) {
    if (rest_.size() < kHeaderBytes) return;
    const std::size_t size = number_in(std::string_view(rest_).substr(0, 3));
    if (rest_.size() < kHeaderBytes + size) return;
    Frame frame{static_cast<std::uint8_t>(rest_[3]), static_cast<std::uint8_t>(rest_[4]),
                number_in(std::string_view(rest_).substr(5, 4)), rest_.substr(kHeaderBytes, size)};
    rest_.erase(0, kHeaderBytes + size);
    Stream& stream = streams_[frame.stream];
    if (frame.type == h2::kHeaders || frame.type == h2::kContinuation) block_ += frame.payload;
    if (!block_.empty() && (frame.flags & h2::kEndHeaders) != 0) {
      frame.fields = inflate(std::exchange(block_, {}));
      stream.heads.push_back(frame.fields);
    }
    if (frame.type == h2::kData) stream.body += frame.payload;
    stream.ended = stream.ended || frame.ends();
    if (frame.type == h2::kReset) {
      stream.reset = true;
      stream.code = frame.code();
    }
    frames_.push_back(std::move(frame));
  }
}

std::int64_t H2Reader::goaway() const {
  const auto found = std::ranges::find(frames_, h2::kGoaway, &Frame::type);
  return found == frames_.end() ? -1 : std::int64_t{found->code()};
}

std::size_t H2Reader::count(std::uint8_t type) const {
  return static_cast<std::size_t>(std::ranges::count(frames_, type, &Frame::type));
}

}  // namespace bearer::test
