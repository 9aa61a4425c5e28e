#include "http/head_fault.h"

namespace bearer::http {

std::string_view sentence(HeadFault fault) {
  switch (fault) {
    case HeadFault::none: return "nothing is wrong";
    case HeadFault::no_head: return "this is not the head of an HTTP/1 message";
    case HeadFault::start_line_too_long: return "the first line is longer than 16 KiB";
    case HeadFault::head_too_large: return "the head is larger than 64 KiB";
    case HeadFault::request_line_malformed:
      return "the request line is not a method, a target and a version with one space between";
    case HeadFault::method_malformed: return "the method is not a token";
    case HeadFault::target_byte_invalid: return "the request target holds a control character";
    case HeadFault::target_malformed:
      return "the request target is neither a path, an http or https URL nor, with OPTIONS, an "
             "asterisk";
    case HeadFault::target_host_malformed:
      return "the request target's host is not a host name or address with an optional port";
    case HeadFault::version_unsupported: return "the version is neither HTTP/1.0 nor HTTP/1.1";
    case HeadFault::status_line_malformed:
      return "the status line is not a version, three digits and a reason";
    case HeadFault::status_out_of_range: return "the status is not within 100 to 999";
    case HeadFault::line_end_malformed: return "a line does not end with CR LF";
    case HeadFault::field_name_malformed: return "a field line does not begin with a name and ':'";
    case HeadFault::space_before_colon: return "a field name is followed by a blank";
    case HeadFault::line_folding: return "a field line begins with a blank (obsolete line folding)";
    case HeadFault::value_malformed: return "a field value holds a control character";
    case HeadFault::fields_too_many: return "the head has more fields than --max-fields allows";
    case HeadFault::options_too_many: return "Connection lists too many names";
    case HeadFault::framing_lookalike:
      return "a field name is Content-Length or Transfer-Encoding but for an underscore";
    case HeadFault::length_and_coding: return "both Content-Length and Transfer-Encoding are given";
    case HeadFault::length_repeated: return "Content-Length is given more than once";
    case HeadFault::length_malformed: return "Content-Length is not one decimal number";
    case HeadFault::coding_malformed: return "Transfer-Encoding is malformed";
    case HeadFault::coding_unsupported: return "Transfer-Encoding is other than chunked";
    case HeadFault::coding_on_http_1_0: return "Transfer-Encoding is given with HTTP/1.0";
    case HeadFault::body_not_allowed: return "a status that has no body announces one";
    case HeadFault::host_missing: return "the Host field is missing";
    case HeadFault::host_repeated: return "Host is given more than once";
    case HeadFault::host_malformed:
      return "Host is not a host name or address with an optional port";
  }
  return {};
}

int reply_status(HeadFault fault) {
  switch (fault) {
    case HeadFault::start_line_too_long: return 414;
    case HeadFault::head_too_large:
    case HeadFault::fields_too_many:
    case HeadFault::options_too_many: return 431;
    case HeadFault::coding_unsupported: return 501;
    default: return 400;
  }
}

}  // namespace bearer::http
