// Decides which fields of a head end at the proxy (RFC 9110 section 7.6.1).
//
// A caller does the same for a request and a response:
//   1. It takes the framing and keep_alive() from the head as it came.
//   2. It reads ConnectionOptions, and copies each field that is forwarded().
//   3. Only then it writes fields of its own: Host, Authorization, Via, Transfer-Encoding for a
//      body that it sends chunked, Connection, `TE: trailers` if wants_trailers(). No
//      `Connection: …` of a peer can remove those.
// Content-Length and Host cannot be removed that way either: a body that is forwarded without its
// length would be read as the next message. A tunnel's Upgrade is the caller's to write.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "http/fields.h"
#include "http/head_fault.h"

namespace bearer::http {

/// Options beside the fields that hop_by_hop() knows. There are hardly ever more than one or two.
inline constexpr std::size_t kConnectionOptionsMax = 16;

/// True if it ends at the proxy in any case, whatever Connection says.
constexpr bool hop_by_hop(FieldName name) {
  switch (name) {
    case FieldName::connection:
    case FieldName::keep_alive:
    case FieldName::proxy_authenticate:
    case FieldName::proxy_authentication_info:
    case FieldName::proxy_authorization:
    case FieldName::proxy_connection:
    case FieldName::te:
    case FieldName::trailer:
    case FieldName::transfer_encoding:
    case FieldName::upgrade: return true;
    default: return false;
  }
}

/// The field names that a head's Connection fields list. Views into the head.
class ConnectionOptions {
 public:
  /// Replaces the former content. options_too_many past kConnectionOptionsMax; names that
  /// hop_by_hop() already covers, and those that cannot be removed, are not counted.
  HeadFault read(const FieldList& fields);

  /// True if the field is listed, in any case. Content-Length and Host never are.
  bool names(const Field& field) const { return size_ > 0 && lists(field.name); }

 private:
  bool lists(std::string_view name) const;

  std::array<std::string_view, kConnectionOptionsMax> options_;
  std::size_t size_ = 0;
};

/// True for a field that is forwarded to the next hop.
inline bool forwarded(const Field& field, const ConnectionOptions& options) {
  return !hop_by_hop(field.id) && !options.names(field);
}

/// Fields from which some servers take another method, or another target, than the request line's.
/// An underscore counts as a dash, as it does for CGI and its successors.
bool overrides_method(std::string_view name);
bool overrides_target(std::string_view name);

/// True for a field that belongs to one message: it frames, routes or identifies it, proves that it
/// is meant (RFC 9449), names the wanted part, or ends at the next hop. One value for all requests
/// would break them.
bool bound_to_message(std::string_view name);

/// True for a field that may be forwarded as a trailer: none that frames, routes or authenticates
/// (RFC 9110 section 6.5.1), no matter who sent it there.
bool forwarded_in_trailers(const Field& field);

/// True if the sender takes trailers (RFC 9110 section 10.1.4).
bool wants_trailers(const FieldList& fields);

}  // namespace bearer::http
