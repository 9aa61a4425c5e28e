#include "http/grpc/call.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/encoding.h"
#include "http/head_parser.h"
#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono_literals;
using http::GrpcFailure;
using http::test::Fields;

namespace {

std::optional<GrpcFailure> failure(const std::string& lines, const std::string& status = "200") {
  const std::string text = "HTTP/1.1 " + status + " OK\r\n" + lines + "\r\n";
  http::ResponseHead head;
  REQUIRE(http::parse_response_head(text, head) == http::HeadFault::none);
  return http::grpc_failure(head);
}

constexpr const char* kType = "Content-Type: application/grpc+proto\r\n";

std::string failed(int status, const std::string& more = "") {
  return kType + ("grpc-status: " + std::to_string(status)) + "\r\n" + more;
}

/// A field of Protocol Buffers that has a length.
std::string with_length(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         static_cast<char>(static_cast<unsigned char>(bytes.size())) + bytes;
}
std::string any(const std::string& type, const std::string& value) {
  return with_length(3, with_length(1, "type.googleapis.com/" + type) + with_length(2, value));
}
std::string details(const std::string& status) {
  return "grpc-status-details-bin: " + base::base64_encode(status) + "\r\n";
}
// google.protobuf.Duration of 7 s and 250,000,000 ns.
const std::string kDelay("\x08\x07\x10\x80\xe5\x9a\x77", 7);
const std::string kCode("\x08\x08", 2);

}  // namespace

TEST_CASE("a gRPC call that failed without a message says with which status") {
  for (int status = 1; status <= 16; ++status) {
    CAPTURE(status);
    CHECK(failure(failed(status)) == GrpcFailure{.status = status});
  }
  CHECK(failure("content-type: application/grpc\r\nGrpc-Status: 14\r\nContent-Length: 0\r\n")
            .has_value());
}

TEST_CASE("what is no gRPC call that failed without a message is nothing of the kind") {
  CHECK_FALSE(failure(failed(0)));
  CHECK_FALSE(failure(failed(17)));
  CHECK_FALSE(failure(failed(14), "503"));
  CHECK_FALSE(failure(failed(14, "Transfer-Encoding: chunked\r\n")));
  CHECK_FALSE(failure(failed(14, "Content-Length: 9\r\n")));
  CHECK_FALSE(failure(kType));
  CHECK_FALSE(failure("Content-Type: application/json\r\ngrpc-status: 14\r\n"));
  CHECK_FALSE(failure("grpc-status: 14\r\n"));
  for (const char* status : {"", "x", "14 ", "1 4", "-1", "14.0", "99999999999999"}) {
    CAPTURE(status);
    const std::string lines = kType + ("grpc-status: " + std::string(status)) + "\r\n";
    CHECK(failure(lines).has_value() == (std::string(status) == "14 "));  // blanks around go
  }
}

TEST_CASE("a server pushes back for a while, or for good") {
  const auto pushed = [](const std::string& value) {
    return failure(failed(14, "grpc-retry-pushback-ms: " + value + "\r\n")).value();
  };
  CHECK(pushed("1500") == GrpcFailure{.status = 14, .delay = 1500ms});
  CHECK(pushed("0") == GrpcFailure{.status = 14, .delay = 0ms});
  for (const char* value : {"-1", "", "soon", "1.5", "99999999999"}) {
    CAPTURE(value);
    CHECK(pushed(value) == GrpcFailure{.status = 14, .retry_forbidden = true});
  }
}

TEST_CASE("a RetryInfo among the details says how long to wait") {
  const std::string info = any("google.rpc.RetryInfo", with_length(1, kDelay));
  const std::string other = any("google.rpc.ErrorInfo", with_length(1, "QUOTA"));
  const auto delay = [](const std::string& lines) { return failure(failed(8, lines))->delay; };
  CHECK(delay(details(kCode + with_length(2, "slow down") + info)) == 7250ms);
  CHECK(delay(details(other + info)) == 7250ms);
  CHECK(delay("grpc-retry-pushback-ms: 20\r\n" + details(info)) == 20ms);
  CHECK_FALSE(delay(details(other)));
  CHECK_FALSE(delay(details(kCode)));
  CHECK_FALSE(delay("grpc-status-details-bin: ?\r\n"));
  const std::string endless =
      any("google.rpc.RetryInfo", with_length(1, "\x08\xff\xff\xff\xff\x7f"));
  CHECK(delay(details(endless)).value() <= std::chrono::hours(24 * 366 * 10));
  const std::string past =
      any("google.rpc.RetryInfo", with_length(1, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  CHECK(delay(details(past)) == 0s);
}

TEST_CASE("details that are cut anywhere name no time that is not there") {
  const std::string whole = kCode + any("google.rpc.RetryInfo", with_length(1, kDelay));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    CAPTURE(bytes);
    CHECK_FALSE(failure(failed(8, details(whole.substr(0, bytes))))->delay);
  }
}

TEST_CASE("a gRPC call is told by its content type") {
  for (const char* type :
       {"application/grpc", "Application/gRPC", "application/grpc+proto", "application/grpc;x=y"})
    CHECK(http::is_grpc(Fields{{"Content-Type", type}}));
  for (const char* type : {"application/grpc-web", "application/grpcx", "application/json", ""})
    CHECK_FALSE(http::is_grpc(Fields{{"Content-Type", type}}));
  CHECK_FALSE(http::is_grpc(Fields{}));
}

TEST_CASE("grpc-timeout is up to eight digits and a unit") {
  const auto timeout = [](const char* value) {
    return http::grpc_timeout(Fields{{"grpc-timeout", value}});
  };
  CHECK(timeout("2H") == 2h);
  CHECK(timeout("3M") == 3min);
  CHECK(timeout("20S") == 20s);
  CHECK(timeout("99999999m") == 99999999ms);
  CHECK(timeout("5u") == 5us);
  CHECK(timeout("0n") == 0ns);
  CHECK(timeout("99999999H").value() <= std::chrono::hours(24 * 366 * 10));
  for (const char* bad : {"", "S", "5", "5s", "-5S", "123456789S", "5 S", "1.5S"}) {
    CAPTURE(bad);
    CHECK_FALSE(timeout(bad));
  }
  CHECK_FALSE(http::grpc_timeout(Fields{}));
}

TEST_CASE("a reply of our own has a grpc-status that fits, and a message of printable ASCII") {
  CHECK(http::grpc_status_of(403) == http::GrpcStatus::permission_denied);
  CHECK(http::grpc_status_of(429) == http::GrpcStatus::resource_exhausted);
  CHECK(http::grpc_status_of(503) == http::GrpcStatus::unavailable);
  CHECK(http::grpc_status_of(504) == http::GrpcStatus::deadline_exceeded);
  CHECK(http::grpc_status_of(400) == http::GrpcStatus::internal);
  std::string lines;
  http::append_grpc_status(lines, http::GrpcStatus::unavailable, "100% \"sure\"\r\n\xc3\xa9");
  CHECK(lines == "grpc-status: 14\r\ngrpc-message: 100%25 \"sure\"%0d%0a%c3%a9\r\n");
}
