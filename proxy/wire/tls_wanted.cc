#include "wire/tls_wanted.h"

#include <algorithm>
#include <array>

namespace bearer::wire {

bool wants_tls(int status, std::string_view body) {
  constexpr std::array<std::string_view, 4> kSentences{
      "The plain HTTP request was sent to HTTPS port",
      "Client sent an HTTP request to an HTTPS server.",
      "speaking plain HTTP to an SSL-enabled server port",
      "This combination of host and port requires TLS.",
  };
  return status == 400 && std::ranges::any_of(kSentences, [&](std::string_view sentence) {
           return body.find(sentence) != std::string_view::npos;
         });
}

}  // namespace bearer::wire
