#include "relay/head/request_id.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/random.h"

namespace bearer::relay {
namespace {

constexpr std::size_t kDigits = 16;  // of 64 bits

/// The two hexadecimal digits of each byte.
constexpr auto kHex = [] {
  constexpr std::string_view kDigit = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> hex{};
  for (std::size_t byte = 0; byte < hex.size(); ++byte) {
    hex[byte] = {kDigit[byte >> 4], kDigit[byte & 0xf]};
  }
  return hex;
}();

void write_digits(std::uint64_t value, char* out) {
  for (std::size_t i = kDigits; i > 0; value >>= 8) {
    i -= 2;
    std::memcpy(out + i, kHex[value & 0xff].data(), 2);
  }
}

/// Maps numbers one to one (the finaliser of SplitMix64), so that successive ids do not look alike.
std::uint64_t scattered(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

bool is_sane(std::string_view text) {
  return !text.empty() && text.size() <= RequestId::kBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

void RequestId::set(std::string_view text) {
  assert(text.size() <= kBytesMax);
  text_ = text;
}

RequestIds::RequestIds() : count_(base::random_bits()) {
  write_digits(base::random_bits(), digits_.data());
}

void RequestIds::digits_of_next(char* out) {
  write_digits(scattered(++count_), out);
}

void RequestIds::make(RequestId& id) {
  digits_of_next(digits_.data() + kDigits);
  id.set({digits_.data(), digits_.size()});
}

void RequestIds::choose(const http::FieldList& fields, RequestId& id) {
  const std::string_view sent = fields.value(http::FieldName::x_request_id);
  if (is_sane(sent) && fields.count(http::FieldName::x_request_id) == 1) {
    id.set(sent);
  } else {
    make(id);
  }
}

}  // namespace bearer::relay
