// A request once its head was read: all that outlives the head's bytes, and the head that is sent
// to the upstream, complete but for the token.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/framing.h"
#include "http/message.h"
#include "http/target.h"
#include "net/recycler.h"
#include "relay/admission.h"
#include "relay/head/request_id.h"
#include "relay/head/trace_context.h"
#include "relay/replies/local_reply.h"
#include "relay/route.h"

namespace bearer::relay {

/// The versions of HTTP in which clients ask, as kHttpVersions names them.
enum class HttpVersion : std::uint8_t { http_1_0, http_1_1, http_2 };
inline constexpr std::array<std::string_view, 3> kHttpVersions = {"1.0", "1.1", "2"};

struct Request : net::recycler::Recycled {
  Route* route = nullptr;              ///< null until the request is admitted
  const RouteTable* routes = nullptr;  ///< those of its exchange, `route` among them
  http::Framing framing;
  http::Method method = http::Method::other;
  // Bit-fields, because thousands of requests may wait at once.
  bool http_1_1 : 1 = true;
  bool http2 : 1 = false;  ///< it came over HTTP/2, though its head reads as HTTP/1.1
  bool keep_alive : 1 = false;
  bool expects_continue : 1 = false;
  bool wants_trailers : 1 = false;
  bool wants_tunnel : 1 = false;  ///< it asks for an Upgrade that is forwarded
  bool websocket : 1 = false;     ///< it asks for WebSocket alone
  bool as_forward_proxy : 1 = false;
  bool wants_stub : 1 = false;        ///< it asks for a token of its own, by --stub-token
  bool idempotent : 1 = false;        ///< by its method, an Idempotency-Key or --read-only-post
  bool grpc : 1 = false;              ///< a gRPC call: a reply of ours is a grpc-status
  bool varies_by_origin : 1 = false;  ///< pages of others are served: who may read it depends
  std::uint8_t method_bytes = 0;      ///< of the method in `head`; 0 or 255: see there
  std::uint32_t id_at = 0;            ///< where the id is in `head`; 0: it is in `id`
  /// By Prefer: wait, or by grpc-timeout, how long its client waits; max(): it does not say.
  base::Duration patience = base::Duration::max();

  RequestId id;                         ///< see id_text()
  std::unique_ptr<TraceContext> trace;  ///< null where the upstream gets none of ours
  net::recycler::Text page;       ///< origin of the page that sent it, if another's; mostly empty
  net::recycler::Text authority;  ///< as the client addressed us
  net::recycler::Text target;     ///< see target_text(); empty if `head` has the same
  net::recycler::Text head;       ///< without our own fields (own_fields.h) and the empty line
  /// Content-Type of a body whose links are rewritten for the upstream; mostly empty. If the body
  /// has a length, `head` has no line for its framing: the new length is known later.
  net::recycler::Text relinked_type;

  /// True if its spans go to the collector.
  bool is_sampled() const { return trace && trace->sampled; }
  std::string_view method_text() const {
    const bool known = method_bytes > 0 && method_bytes < 255;
    return head.view().substr(0, known ? method_bytes : head.view().find(' '));
  }
  HttpVersion version() const {
    if (http2) return HttpVersion::http_2;
    return http_1_1 ? HttpVersion::http_1_1 : HttpVersion::http_1_0;
  }
  std::string_view version_text() const {
    return kHttpVersions[static_cast<std::size_t>(version())];
  }
  /// Path and query as the client wrote them, for the log.
  std::string_view target_text() const {
    return target.empty() ? upstream_target() : target.view();
  }
  /// Path and query as the upstream gets them; empty while there is no whole head.
  std::string_view upstream_target() const {
    const std::string_view line = head.view();
    const std::size_t begin = std::min(method_text().size() + 1, line.size());
    return line.substr(begin, line.find(' ', begin) - begin);
  }
  std::string_view path() const { return http::path_of(target_text()); }
  /// Its X-Request-Id.
  std::string_view id_text() const {
    return id_at > 0 ? head.view().substr(id_at, RequestId::kBytesMade) : id.view();
  }
  /// The proxy's origin as the client addressed it: `http://localhost:8080`; empty if none.
  std::string origin() const;
  /// Turns an address of ours into an upstream's; see relay::address_at_upstream(). `proxy_origin`
  /// is origin().
  std::optional<std::string> address_at_upstream(std::string_view address,
                                                 std::string_view proxy_origin) const {
    return relay::address_at_upstream(address, *routes, as_forward_proxy, proxy_origin);
  }
};

/// True for the value of an Upgrade field whose protocols may be tunnelled: WebSocket and the like.
/// Another version of HTTP may not: its further requests would pass unseen and without a token. Nor
/// may TLS, which would hide them.
bool may_tunnel(std::string_view upgrade);

/// Fills in the fields of `request` that concern pages, from a head that is refused.
void read_page(const http::FieldList& fields, const AdmissionRules& rules, Request& request);

/// Fills `request`, which has its id and its trace, from a head. Returns the reply if it is
/// refused. `request` then still says how the connection may go on, unless the reply is `unsound`.
std::optional<LocalReply> read_request(const http::RequestHead& head, const AdmissionRules& rules,
                                       const RouteTable& routes, Request& request,
                                       const http::CameInAt& came_in_at, const OwnPort& own_port);

}  // namespace bearer::relay
