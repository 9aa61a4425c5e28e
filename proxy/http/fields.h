// The fields of one head, as views into its bytes, in their order and spelling (RFC 9110 section
// 5).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::http {

/// The most fields of a head, unless another limit is set. A response has one reading however many
/// fields it has, so more of them are taken.
inline constexpr std::size_t kRequestFieldsMax = 128, kFieldsMax = 1000;

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
  destination,  ///< RFC 4918 section 10.3
  dpop,         ///< RFC 9449
  dpop_nonce,   ///< RFC 9449 section 8
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
  referer,
  refresh,
  retry_after,
  sec_fetch_site,
  server,
  set_cookie,
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
  bool plain = false;  ///< its line is byte for byte what append_field_line() writes

  /// The whole line. REQUIRES: plain.
  std::string_view line() const {
    constexpr std::size_t kColon = 2, kEnd = 2;
    return {name.data(), name.size() + kColon + value.size() + kEnd};
  }
};

/// A field in a setting or on a line of a file: `Name: value`. Blanks around both, and a CR at the
/// line's end, are removed.
struct WrittenField {
  std::string_view name, value;
  /// The fault, for a person, without any of the value; empty if there is none.
  std::string wrong = {};
};
WrittenField read_written_field(std::string_view line);

/// A line of a file of such fields that is neither blank nor a comment after `#`. Views into the
/// file's content.
struct WrittenLine {
  std::string_view text;
  int number;  ///< from 1 on
};
std::vector<WrittenLine> written_lines(std::string_view content);

/// Appends `name: value` and the line's end.
inline void append_field_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// Copies the lines of one head to another. Neighbouring lines that do not change are copied in one
/// piece, which most of a head is.
class LineCopier {
 public:
  /// `out` outlives it, and nobody else changes it before finish().
  explicit LineCopier(std::string& out) : out_(out) {}

  /// Copies the field with `value`, which is mostly the field's own.
  void copy(const Field& field, std::string_view value) {
    const bool same = value.data() == field.value.data() && value.size() == field.value.size();
    if (!same || !field.plain) {
      finish();
      append_field_line(out_, field.name, value);
      return;
    }
    const std::string_view line = field.line();
    if (line.data() != run_.data() + run_.size()) {
      finish();
      run_ = line;
    } else {
      run_ = {run_.data(), run_.size() + line.size()};
    }
  }
  /// Call it after the last line.
  void finish() {
    out_.append(run_);
    run_ = {};
  }

 private:
  std::string& out_;
  std::string_view run_;  // lines that have not been copied yet
};

/// As many fields as its limit allows. A loop keeps it as a scratch: it is made once, and does not
/// allocate once it has held as many fields. The views are valid while the parsed bytes stay where
/// they are.
class FieldList {
 public:
  /// For a head whose bytes are already limited.
  static constexpr std::size_t kNoLimit = std::string_view::npos;

  explicit FieldList(std::size_t fields_max = kFieldsMax) : fields_max_(fields_max) {}
  FieldList(const FieldList&) = delete;
  FieldList& operator=(const FieldList&) = delete;

  /// Applies from the next push() on.
  void limit(std::size_t fields_max) { fields_max_ = fields_max; }
  void clear() {
    fields_.clear();
    present_ = 0;
  }
  bool full() const { return fields_.size() >= fields_max_; }
  /// REQUIRES: !full().
  void push(const Field& field) {
    assert(!full());
    fields_.push_back(field);
    present_ |= bit(field.id);
  }

  const Field* begin() const { return fields_.data(); }
  const Field* end() const { return fields_.data() + fields_.size(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

  /// In constant time. Not for `other`, about which nothing is known (nor below).
  bool has(FieldName id) const { return (present_ & bit(id)) != 0; }
  /// The first field of that name, or null. If there is none, in constant time.
  const Field* find(FieldName id) const;
  /// The first field's value, or an empty view.
  std::string_view value(FieldName id) const;
  std::size_t count(FieldName id) const;

 private:
  static constexpr std::uint64_t bit(FieldName id) {
    return std::uint64_t{1} << static_cast<unsigned>(id);
  }

  std::size_t fields_max_;
  std::uint64_t present_ = 0;  // a bit for each FieldName that was pushed
  std::vector<Field> fields_;
};

}  // namespace bearer::http
