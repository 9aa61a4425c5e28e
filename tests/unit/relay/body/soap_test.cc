#include "relay/body/soap.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay::test;
using http::Method;
using relay::is_soap_fault;

namespace {

const std::string kCall =
    "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml; charset=utf-8\r\n";

std::string call(std::string_view fields) {
  return "POST /orders HTTP/1.1\r\nHost: a\r\n" + std::string(fields);
}

bool fault_of_type(std::string_view type, const std::string& request = kCall) {
  const ResponseLines response("HTTP/1.1 500 No\nContent-Type: " + std::string(type));
  return is_soap_fault(response, Method::post, request);
}

}  // namespace

TEST_CASE("a 500 with an envelope answers a SOAP call, in each form in which stacks send it") {
  for (const char* type :
       {"text/xml", "TEXT/XML;charset=UTF-8", "application/soap+xml; action=\"a\"",
        "multipart/related; type=\"application/xop+xml\"; start-info=\"text/xml\""}) {
    CAPTURE(type);
    CHECK(fault_of_type(type));
  }
  for (const char* type :
       {"", "text/html", "application/json", "application/xml", "text/xmlish",
        "multipart/related; type=\"text/html\"", "multipart/mixed; a=text/xml"}) {
    CAPTURE(type);
    CHECK_FALSE(fault_of_type(type));
  }
  const ResponseLines untyped("HTTP/1.1 500 No");
  CHECK_FALSE(is_soap_fault(untyped, Method::post, kCall));
}

TEST_CASE("a SOAP call is known by its SOAPAction or its envelope") {
  for (const char* fields :
       {"SOAPAction: \"urn:a\"\r\n", "soapaction:\r\n", "Content-Type: application/soap+xml\r\n",
        "content-type: multipart/related; type=\"application/xop+xml\"\r\n",
        "X: y\r\nContent-Type: application/octet-stream\r\nSoapAction: x\r\n"}) {
    CAPTURE(fields);
    CHECK(fault_of_type("text/xml", call(fields)));
  }
  for (const char* fields :
       {"", "Content-Type: application/json\r\n", "X-SOAPAction: a\r\n", "X: SOAPAction: a\r\n"}) {
    CAPTURE(fields);
    CHECK_FALSE(fault_of_type("text/xml", call(fields)));
  }
}

TEST_CASE("another status is no SOAP fault, nor is the answer to another method") {
  for (const char* status : {"503 Busy", "502 No", "504 No", "429 Slow"}) {
    CAPTURE(status);
    const ResponseLines response("HTTP/1.1 " + std::string(status) + "\nContent-Type: text/xml");
    CHECK_FALSE(is_soap_fault(response, Method::post, kCall));
  }
  const ResponseLines response("HTTP/1.1 500 No\nContent-Type: text/xml");
  CHECK_FALSE(is_soap_fault(response, Method::put, kCall));
  CHECK_FALSE(is_soap_fault(response, Method::get, "GET / HTTP/1.1\r\n"));
}

TEST_CASE("a call with more fields than the usual limit is known as well") {
  std::string fields;
  for (int i = 0; i < 300; ++i) fields += "A: b\r\n";
  CHECK(fault_of_type("text/xml", call(fields + "SOAPAction: x\r\n")));
}
