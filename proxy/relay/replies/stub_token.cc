#include "relay/replies/stub_token.h"

#include <chrono>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace bearer::relay {
namespace {

constexpr std::chrono::seconds kLifetime = std::chrono::hours(24 * 365);

/// No key can make this token valid, because its signature does not have an HMAC's length. `none`
/// for an algorithm would be shorter, but some libraries refuse to decode that.
std::string jwt(std::chrono::seconds issued) {
  constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
  constexpr std::string_view kSignature = "a placeholder of bearer-proxy, worth nothing";
  const std::string payload = R"({"iss":"bearer-proxy","sub":"placeholder","iat":)" +
                              std::to_string(issued.count()) + R"(,"exp":)" +
                              std::to_string((issued + kLifetime).count()) + "}";
  return base::base64url_encode(kHeader) + "." + base::base64url_encode(payload) + "." +
         base::base64url_encode(kSignature);
}

}  // namespace

LocalReply stub_token(base::WallTime now) {
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  LocalReply reply;
  reply.status = 200;
  reply.error = "stub_token";
  reply.detail =
      "a placeholder, as the setting stub_token wants it; the proxy puts the real token into "
      "requests";
  reply.json = R"({"access_token":")" + jwt(issued) + R"(","token_type":"bearer","expires_in":)" +
               std::to_string(kLifetime.count()) + "}\n";
  reply.lines = "Cache-Control: no-store\r\nPragma: no-cache\r\n";
  return reply;
}

}  // namespace bearer::relay
