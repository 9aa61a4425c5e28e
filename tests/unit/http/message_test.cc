#include "http/message.h"

#include <doctest/doctest.h>

using namespace bearer::http;

TEST_CASE("methods are case-sensitive, and idempotent as they are registered") {
  struct Case {
    std::string_view text;
    Method method;
    bool idempotent;
  };
  for (const Case& c :
       {Case{"GET", Method::get, true}, Case{"HEAD", Method::head, true},
        Case{"PUT", Method::put, true}, Case{"DELETE", Method::delete_, true},
        Case{"OPTIONS", Method::options, true}, Case{"TRACE", Method::trace, true},
        Case{"POST", Method::post, false}, Case{"PATCH", Method::patch, false},
        Case{"CONNECT", Method::connect, false}, Case{"PROPFIND", Method::other, true},
        Case{"VERSION-CONTROL", Method::other, true}, Case{"LOCK", Method::other, false},
        Case{"MERGE", Method::other, false}, Case{"Propfind", Method::other, false},
        Case{"get", Method::other, false}, Case{"GETS", Method::other, false},
        Case{"", Method::other, false}}) {
    CAPTURE(c.text);
    CHECK(method(c.text) == c.method);
    CHECK(idempotent(c.method, c.text) == c.idempotent);
  }
}

TEST_CASE("each status that the proxy answers with has its phrase") {
  for (const int status :
       {100, 400, 403, 404, 405, 408, 414, 421, 429, 431, 500, 501, 502, 503, 504}) {
    CAPTURE(status);
    CHECK_FALSE(reason_phrase(status).empty());
  }
  CHECK(reason_phrase(421) == "Misdirected Request");
  CHECK(reason_phrase(299).empty());
}
