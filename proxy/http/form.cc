#include "http/form.h"

namespace bearer::http {
namespace {

constexpr std::size_t kEncodedBytesMax = 3;  // `%XX`

bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' ||
         c == '-' || c == '.' || c == '_';
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (stays(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
}

}  // namespace

std::string form_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() * kEncodedBytesMax);
  append_encoded(out, text);
  return out;
}

std::string form_encode(std::span<const FormField> fields) {
  std::size_t bytes_max = 0;
  for (const FormField& field : fields) {
    bytes_max += (field.name.size() + field.value.size()) * kEncodedBytesMax + 2;
  }
  std::string out;
  out.reserve(bytes_max);
  for (const FormField& field : fields) {
    if (!out.empty()) out += '&';
    append_encoded(out, field.name);
    out += '=';
    append_encoded(out, field.value);
  }
  return out;
}

}  // namespace bearer::http
