// The targets of heads share this.
#pragma once

#include <string>
#include <string_view>

#include "http/fields.h"
#include "http/head_scanner.h"
#include "relay/replies/local_reply.h"

namespace bearer::fuzz {

struct Found {
  http::HeadScanner::Status status = http::HeadScanner::Status::incomplete;
  std::string_view head;  ///< of a complete one, as the parser takes it
  bool odd = false;       ///< but for an odd response: as unfold_head() does
};

/// Looks for a head in all of `bytes` at once, and checks that it is found alike in pieces.
Found find_head(std::string_view bytes, http::HeadScanner::Kind kind);

/// Fields as an input holds them: `Name: value`, a line each, that end with LF alone.
class FieldLines {
 public:
  explicit FieldLines(std::string_view lines);
  FieldLines(const FieldLines&) = delete;
  FieldLines& operator=(const FieldLines&) = delete;

  bool well_formed() const { return well_formed_; }
  const http::FieldList& fields() const { return fields_; }

 private:
  std::string bytes_;
  http::FieldList fields_;
  bool well_formed_;
};

/// `name: value` and CRLF of each.
std::string field_lines(const http::FieldList& fields);

/// An independent look at a head that was parsed or is to be sent: every line ends with CRLF, the
/// last and no other is empty, and each but the first has a name right before its colon.
void check_plain_lines(std::string_view head);

/// An answer of the proxy's own is itself a strict message, whose length is its body's.
void check_reply(const relay::LocalReply& reply);

}  // namespace bearer::fuzz
