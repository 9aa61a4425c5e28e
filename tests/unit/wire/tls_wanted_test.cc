#include "wire/tls_wanted.h"

#include <doctest/doctest.h>

#include <string>

using bearer::wire::wants_tls;

TEST_CASE("a server that says it speaks TLS on this port is understood, whichever it is") {
  for (const char* body :
       {"<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
        "<p>Reason: You&#39;re speaking plain HTTP to an SSL-enabled server port.<br />",
        "Bad Request\r\nThis combination of host and port requires TLS.\r\n"}) {
    CAPTURE(body);
    CHECK(wants_tls(400, body));
    CHECK_FALSE(wants_tls(403, body));
  }
  for (const char* body :
       {"", "Bad Request", "the HTTPS port", "{\"error\":\"TLS is required\"}"}) {
    CHECK_FALSE(wants_tls(400, body));
  }
}
