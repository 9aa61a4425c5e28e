#include "config/user_information.h"

#include <algorithm>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"

namespace bearer::config {
namespace {

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? base::hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : base::hex_digit(text[i + 2]);
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i];
    }
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
