#include "http/body_links/batch_links.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_links/body_syntax.h"
#include "http/body_links/json_links.h"
#include "tests/unit/http/body_links/rewriting.h"

using namespace bearer::http;

namespace {

const Url kUpstream = parse_url("https://erp.example.org/odata").value();
const LinkMap kMap{kUpstream, "/erp/", true, "http://localhost:7070"};

BatchLinks::Rules rules(const LinkTranslation& links) {
  BatchLinks::Rules rules;
  rules.links = links;
  rules.content = [links](std::string_view type) -> std::unique_ptr<LinkRewriter> {
    if (body_syntax(type) != BodySyntax::json) return nullptr;
    return std::make_unique<JsonLinks>(links);
  };
  return rules;
}

void check_response(std::string_view body, std::string_view expected) {
  test::check(
      [] {
        BatchLinks::Rules of = rules(to_proxy(kMap));
        of.path = [](std::string_view path) { return rewrite_location(path, kMap); };
        return std::make_unique<BatchLinks>(std::move(of), "b1");
      },
      body, expected);
}

void check_request(std::string_view body, std::string_view expected) {
  test::check(
      [] {
        BatchLinks::Rules of = rules(to_upstream(
            kMap.proxy_origin, [](std::string_view link) { return upstream_address(link, kMap); }));
        of.path = [](std::string_view path) -> std::optional<std::string> {
          if (!path.starts_with("/erp/")) return std::nullopt;
          return "/odata" + std::string(path.substr(4));
        };
        of.from_host = "localhost:7070";
        of.to_host = "erp.example.org";
        return std::make_unique<BatchLinks>(std::move(of), "b1");
      },
      body, expected);
}

/// `\n` stands for CRLF.
std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("messages in a batch of responses lead to the proxy, and lose a length that changed") {
  check_response(
      crlf("--b1\nContent-Type: application/http\nContent-Length: 99\nContent-ID: 1\n\n"
           "HTTP/1.1 201 Created\nContent-Type: application/json;odata=x\nContent-Length: 44\n"
           "Location: https://erp.example.org/odata/A(1)\nOData-EntityId: "
           "https://erp.example.org/odata/A(1)\n\n"
           "{\"@odata.id\":\"https://erp.example.org/odata/A(1)\"}\n"
           "--b1\nContent-Type: application/http\n\nHTTP/1.1 204 No Content\n\n\n--b1--\n"),
      crlf("--b1\nContent-Type: application/http\nContent-ID: 1\n\n"
           "HTTP/1.1 201 Created\nContent-Type: application/json;odata=x\n"
           "Location: http://localhost:7070/erp/A(1)\nOData-EntityId: "
           "http://localhost:7070/erp/A(1)\n\n"
           "{\"@odata.id\":\"http://localhost:7070/erp/A(1)\"}\n"
           "--b1\nContent-Type: application/http\n\nHTTP/1.1 204 No Content\n\n\n--b1--\n"));
}

TEST_CASE("a change set within a batch is rewritten too") {
  const std::string_view batch =
      "--b1\nContent-Type: multipart/mixed; boundary=\"c 2\"\nContent-Length: 300\n\n"
      "--c 2\nContent-Type: application/http\n\nHTTP/1.1 200 OK\nContent-Type: text/json\n\n"
      "[\"https://erp.example.org/odata/A\"]\n--c 2--\n"
      "--b1\nContent-Type: application/http\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n"
      "\"https://erp.example.org/odata/B\"\n--b1--";
  std::string expected = crlf(
      "--b1\nContent-Type: multipart/mixed; boundary=\"c 2\"\n\n"
      "--c 2\nContent-Type: application/http\n\nHTTP/1.1 200 OK\nContent-Type: text/json\n\n"
      "[\"http://localhost:7070/erp/A\"]\n--c 2--\n"
      "--b1\nContent-Type: application/http\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n"
      "\"http://localhost:7070/erp/B\"\n--b1--");
  check_response(crlf(batch), expected);
}

TEST_CASE("requests in a batch are addressed to the upstream") {
  check_request(
      crlf("--b1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n"
           "POST http://LOCALHOST:7070/erp/A?x=y HTTP/1.1\nHost: localhost:7070\n"
           "Content-Type: application/json\nContent-Length: 57\n\n"
           "{\"B@odata.bind\":\"http://localhost:7070/erp/B(2)\"}\n"
           "--b1\nContent-Type: application/http\n\nGET /erp/C HTTP/1.1\nHost: other:1\n\n\n"
           "--b1\nContent-Type: application/http\n\nGET D?$top=1 HTTP/1.1\n\n"
           "--b1\nContent-Type: application/http\n\nGET http://localhost:7070/erp/E HTTP/1.1\n"
           "--b1--\n"),
      crlf("--b1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n"
           "POST https://erp.example.org/odata/A?x=y HTTP/1.1\nHost: erp.example.org\n"
           "Content-Type: application/json\n\n"
           "{\"B@odata.bind\":\"https://erp.example.org/odata/B(2)\"}\n"
           "--b1\nContent-Type: application/http\n\nGET /odata/C HTTP/1.1\nHost: other:1\n\n\n"
           "--b1\nContent-Type: application/http\n\nGET D?$top=1 HTTP/1.1\n\n"
           "--b1\nContent-Type: application/http\n\nGET https://erp.example.org/odata/E HTTP/1.1\n"
           "--b1--\n"));
}

TEST_CASE("the bodies of messages that hold no links pass, length and all") {
  for (const std::string_view fields :
       {"Content-Type: text/plain\nContent-Length: 32\n", "Content-Length: 32\n",
        "Content-Type: application/json\nContent-Encoding: gzip\nContent-Length: 32\n"}) {
    const std::string body =
        crlf("--b1\nContent-Type: application/http\n\nHTTP/1.1 200 OK\n" + std::string(fields) +
             "\n\"https://erp.example.org/odata/A\"\n--b1--\n");
    check_response(body, body);
  }
}

TEST_CASE("a part that is JSON itself is rewritten") {
  check_response(crlf("--b1\nContent-Type: application/json\nContent-Length: 33\n\n"
                      "[\"https://erp.example.org/odata/A\"]\n--b1--"),
                 crlf("--b1\nContent-Type: application/json\n\n"
                      "[\"http://localhost:7070/erp/A\"]\n--b1--"));
}

TEST_CASE("what is no batch, or a broken one, passes as it is") {
  for (const std::string_view text :
       {"", "--", "--b", "--b1", "--b1-", "--b1--", "--b1\n", "--b2\n\nx\n", "hello\n--b1x\n\n",
        "[\"https://erp.example.org/odata/A\"]", "--b1\nContent-Type: application/http\n",
        "--b1\nContent-Type: application/http\n\n", "--b1\n--b1\n--b1--\n--b1\n",
        "--b1\nContent-Type: application/http\n\n\n\n--b1--",
        "--b1\nContent-Type: multipart/mixed\n\n--\n--b1--", "\n\n\n", "-\n--\n---\n",
        "--b1\nContent-Type: application/http\n\nHTTP/1.1 200 OK\nContent-Type: text/json\n\n{\n-\n"
        "--\n}\n--b1 \t\n"}) {
    CAPTURE(text);
    check_response(text, text);
    check_response(crlf(text), crlf(text));
  }
}

TEST_CASE("a head that is too large passes as it is, with what follows it to the next part") {
  const std::string large =
      "--b1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nX: " +
      std::string(kLinkBytesMax, 'x') +
      "\r\nContent-Type: text/json\r\n\r\n[\"https://erp.example.org/odata/A\"]\r\n";
  const std::string small =
      "--b1\r\nContent-Type: text/json\r\n\r\n[\"https://erp.example.org/odata/A\"]\r\n--b1--\r\n";
  const std::string linked =
      "--b1\r\nContent-Type: text/json\r\n\r\n[\"http://localhost:7070/erp/A\"]\r\n--b1--\r\n";
  const auto make = [] { return std::make_unique<BatchLinks>(rules(to_proxy(kMap)), "b1"); };
  for (const std::size_t bytes : {std::size_t{100'000}, std::size_t{4096}, std::size_t{1}}) {
    CHECK(test::rewritten(make, test::cut(large + small, bytes)) == large + linked);
  }
}
