#include "http/body_links/body_syntax.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace bearer::http;

TEST_CASE("a body's syntax is told by its Content-Type") {
  struct Case {
    std::string_view type;
    BodySyntax syntax;
  };
  for (const Case& c : {
           Case{"application/json", BodySyntax::json},
           Case{"Application/JSON ; charset=utf-8", BodySyntax::json},
           Case{"application/problem+json", BodySyntax::json},
           Case{"application/stream+json;x=y", BodySyntax::json},
           Case{"text/json", BodySyntax::json},
           Case{"application/x-ndjson", BodySyntax::json},
           Case{"application/jsonl", BodySyntax::json},
           Case{"application/json-seq", BodySyntax::json},
           Case{"application/geo+json-seq", BodySyntax::json},
           Case{"text/html; charset=utf-8", BodySyntax::markup},
           Case{"text/xml", BodySyntax::markup},
           Case{"application/xml", BodySyntax::markup},
           Case{"application/atom+xml;type=feed", BodySyntax::markup},
           Case{"application/xhtml+xml", BodySyntax::markup},
           Case{"multipart/mixed; boundary=x", BodySyntax::batch},
           Case{"multipart/form-data; boundary=x", BodySyntax::other},
           Case{"application/jsonp", BodySyntax::other},
           Case{"application/grpc+json", BodySyntax::other},  // each message tells its length
           Case{"application/grpc-web+json; charset=utf-8", BodySyntax::other},
           Case{"application/connect+json", BodySyntax::other},
           Case{"+json", BodySyntax::other},
           Case{"text/plain; a=application/json", BodySyntax::other},
           Case{"text/csv", BodySyntax::other},
           Case{"", BodySyntax::other},
       }) {
    CAPTURE(c.type);
    CHECK(body_syntax(c.type) == c.syntax);
  }
}

TEST_CASE("a multipart type names its boundary, in quotes or without") {
  CHECK(multipart_boundary("multipart/mixed; boundary=batch_36522ad7") == "batch_36522ad7");
  CHECK(multipart_boundary("multipart/mixed;charset=x; Boundary=\"a b:c\"") == "a b:c");
  CHECK(multipart_boundary("multipart/mixed;boundary = \"a\" ;x=y") == "a");
  for (const std::string& type :
       {std::string("multipart/mixed"), std::string("multipart/mixed; boundary"),
        std::string("multipart/mixed; boundary="), std::string("multipart/mixed; boundary=\"\""),
        std::string("multipart/mixed; boundary=\"a \""),
        std::string("multipart/mixed; boundary=\"a"),
        std::string("multipart/mixed; boundary=a\xff"),
        "multipart/mixed; boundary=" + std::string(201, 'x')}) {
    CAPTURE(type);
    CHECK(multipart_boundary(type).empty());
  }
}
