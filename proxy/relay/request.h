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
  Route* route = nullptr;  ///< null until the request is admitted
  http::Framing framing;
  http::Method method = http::Method::other;
  bool http_1_1 = true;
  bool http2 = false;  ///< it came over HTTP/2, though its head reads as HTTP/1.1
  bool keep_alive = false;
  bool expects_continue = false;
  bool wants_trailers = false;
  bool wants_tunnel = false;  ///< it asks for an Upgrade that is forwarded
  bool websocket = false;     ///< it asks for WebSocket alone
  bool as_forward_proxy = false;
  bool wants_stub = false;        ///< it asks for a token of its own, by --stub-token
  bool idempotent = false;        ///< by its method, an Idempotency-Key or --read-only-post
  bool grpc = false;              ///< a gRPC call: a reply of ours is a grpc-status
  bool varies_by_origin = false;  ///< pages of others are served: who may read the answer depends
  std::optional<base::Duration> prefers_wait;  ///< by Prefer: wait, or by grpc-timeout

  RequestId id;
  std::unique_ptr<TraceContext> trace;  ///< null where the upstream gets none of ours
  net::recycler::Text page;    ///< origin of the page that sent it, if another's; mostly empty
  std::string authority;       ///< as the client addressed us
  net::recycler::Text target;  ///< path and query as the client wrote them, for the log
  net::recycler::Text head;    ///< without our own fields (own_fields.h) and the empty line
  /// Content-Type of a body whose links are rewritten for the upstream, in chunks; mostly empty.
  net::recycler::Text relinked_type;

  /// True if its spans go to the collector.
  bool is_told() const { return trace && trace->told; }
  std::string_view method_text() const { return head.view().substr(0, head.view().find(' ')); }
  HttpVersion version() const {
    if (http2) return HttpVersion::http_2;
    return http_1_1 ? HttpVersion::http_1_1 : HttpVersion::http_1_0;
  }
  std::string_view version_text() const {
    return kHttpVersions[static_cast<std::size_t>(version())];
  }
  std::string_view path() const { return http::path_of(target); }
  /// The proxy's origin as the client addressed it: `http://localhost:8080`; empty if none.
  std::string origin() const { return authority.empty() ? "" : "http://" + authority; }
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
                                       const http::CameInAt& came_in_at = {},
                                       const OwnPort& own_port = {});

}  // namespace bearer::relay
