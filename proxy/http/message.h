// The head of a request and of a response (RFC 9112 sections 3 and 4), as views into its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/fields.h"

namespace bearer::http {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  patch,
  delete_,
  options,
  trace,
  connect,
  other,
};

/// By Method; the last name stands for all methods that have none of their own.
inline constexpr std::array<std::string_view, 10> kMethodNames = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "other"};

/// The methods of the registry (https://www.iana.org/assignments/http-methods) that have no Method
/// of their own; most of them are WebDAV's.
inline constexpr auto kFurtherMethods = std::to_array<std::string_view>({"PROPFIND",
                                                                         "PROPPATCH",
                                                                         "MKCOL",
                                                                         "COPY",
                                                                         "MOVE",
                                                                         "LOCK",
                                                                         "UNLOCK",
                                                                         "REPORT",
                                                                         "SEARCH",
                                                                         "QUERY",
                                                                         "ACL",
                                                                         "BASELINE-CONTROL",
                                                                         "BIND",
                                                                         "CHECKIN",
                                                                         "CHECKOUT",
                                                                         "LABEL",
                                                                         "LINK",
                                                                         "MERGE",
                                                                         "MKACTIVITY",
                                                                         "MKCALENDAR",
                                                                         "MKREDIRECTREF",
                                                                         "MKWORKSPACE",
                                                                         "ORDERPATCH",
                                                                         "REBIND",
                                                                         "UNBIND",
                                                                         "UNCHECKOUT",
                                                                         "UNLINK",
                                                                         "UPDATE",
                                                                         "UPDATEREDIRECTREF",
                                                                         "VERSION-CONTROL"});

/// Method names are case-sensitive: `get` is `other`.
Method method(std::string_view text);

/// RFC 9110 section 9.2.2, and the methods that others registered as idempotent (section 16.1.2).
/// An unknown method is not, because nothing is known about it.
/// `text` is looked at only if `method` is `other`.
bool idempotent(Method method, std::string_view text);

/// All views point into the parsed bytes, and are valid while those stay where they are.
struct RequestHead {
  std::string_view method_text;
  Method method = Method::other;
  std::string_view target;  ///< as it came, in any of the four forms
  int minor_version = 1;    ///< of HTTP/1: 0 or 1
  FieldList fields;
};

struct ResponseHead {
  int status = 0;           ///< 100 to 999
  std::string_view reason;  ///< may be empty
  int minor_version = 1;    ///< of HTTP/1: 0 or 1
  FieldList fields;
};

/// The usual phrase of a status; empty for a rare one.
std::string_view reason_phrase(int status);

}  // namespace bearer::http
