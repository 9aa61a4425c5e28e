#include "config/user_information.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"

namespace bearer::config {
namespace {

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::optional<char> byte = base::percent_decoded_byte(text.substr(i));
    plain += byte.value_or(text[i]);
    if (byte) i += 2;
  }
  return plain;
}

}  // namespace

UserInformation take_user_information(std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t end = std::min(url.find('/', begin), url.size());
  const std::size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < begin) return {};
  std::string_view information = std::string_view(url).substr(begin, at - begin);
  UserInformation taken;
  taken.user = percent_decoded(base::take_until(information, ':'));
  taken.password = base::Secret(percent_decoded(information));
  url.erase(begin, at + 1 - begin);
  return taken;
}

}  // namespace bearer::config
