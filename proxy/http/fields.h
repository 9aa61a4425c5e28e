// The fields of one head, as views into its bytes, in their order and spelling (RFC 9110 section
// 5).
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bearer::http {

inline constexpr std::size_t kFieldsMax = 128;  ///< of one head; more is a 431

/// The fields that the proxy treats specially; every other one is `other`.
enum class FieldName : std::uint8_t {
  other,
  access_control_allow_origin,
  access_control_request_headers,
  access_control_request_method,
  authorization,
  connection,
  content_length,
  content_location,
  content_type,
  date,
  dpop,        ///< RFC 9449
  dpop_nonce,  ///< RFC 9449 section 8
  expect,
  framing_lookalike,  ///< Content_Length, Transfer_Encoding: the fields that frame, as CGI spells
                      ///< them
  hint,               ///< when or whether to ask again, as providers spell it: see hint_fields.h
  host,
  idempotency_key,
  keep_alive,
  link,
  location,
  origin,
  prefer,
  proxy_authenticate,
  proxy_authentication_info,
  proxy_authorization,
  proxy_connection,
  proxy_status,
  rate_limit,         ///< RateLimit
  rate_limit_policy,  ///< RateLimit-Policy
  retry_after,
  sec_fetch_site,
  server,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  via,
  www_authenticate,
  x_request_id,
};

/// The name that `text` spells, in any case.
FieldName field_name(std::string_view text);

struct Field {
  std::string_view name;   ///< as it came; a token
  std::string_view value;  ///< without the blanks around it; may be empty
  FieldName id = FieldName::other;
};

/// Appends `name: value` and the line's end.
inline void append_field_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// At most kFieldsMax fields, without allocation. It is a scratch that a loop keeps (5 KiB): made
/// once, cleared for nothing. The views are valid while the parsed bytes stay where they are.
class FieldList {
 public:
  FieldList() {}  // leaves the array as it is: not one field of it is read before it was pushed
  FieldList(const FieldList&) = delete;
  FieldList& operator=(const FieldList&) = delete;

  void clear() {
    size_ = 0;
    present_ = 0;
  }
  bool full() const { return size_ == kFieldsMax; }
  /// REQUIRES: !full().
  void push(const Field& field) {
    assert(!full());
    std::construct_at(fields_ + size_++, field);
    present_ |= bit(field.id);
  }

  const Field* begin() const { return fields_; }
  const Field* end() const { return fields_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// In constant time. Not for `other`, of which nothing can be said (nor below).
  bool has(FieldName id) const { return (present_ & bit(id)) != 0; }
  /// The first field of that name, or null: at once where there is none.
  const Field* find(FieldName id) const;
  /// The first one's value, or an empty view.
  std::string_view value(FieldName id) const;
  std::size_t count(FieldName id) const;

 private:
  static constexpr std::uint64_t bit(FieldName id) {
    return std::uint64_t{1} << static_cast<unsigned>(id);
  }

  std::size_t size_ = 0;
  std::uint64_t present_ = 0;   // a bit for each FieldName that was pushed
  union {                       // keeps the constructor from writing 5 KiB
    Field fields_[kFieldsMax];  // NOLINT(readability-identifier-naming): it is private
  };
};

}  // namespace bearer::http
