#include "http/grpc/proto_fields.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;
using http::ProtoFields;

TEST_CASE("a message of Protocol Buffers is read field by field") {
  const std::string message(
      "\x08\x96\x01\x12\x03"
      "abc"
      "\x1d"
      "1234"
      "\x21"
      "12345678"
      "\x2a\x00",
      24);
  ProtoFields fields(message);
  const auto number = fields.next();
  CHECK(number->number == 1);
  CHECK(number->value == 150);
  const auto text = fields.next();
  CHECK(text->number == 2);
  CHECK(text->bytes == "abc");
  CHECK(fields.next()->bytes == "1234");
  CHECK(fields.next()->bytes == "12345678");
  const auto empty = fields.next();
  CHECK(empty->number == 5);
  CHECK(empty->bytes.empty());
  CHECK_FALSE(fields.next());
}

TEST_CASE("bytes that are no message of Protocol Buffers end it") {
  for (const std::string& message :
       {std::string("\x08"),
        std::string("\x12\x04"
                    "abc"),
        std::string("\x1d"
                    "123"),
        std::string("\x0b"), std::string("\x0f"), std::string(11, '\xff'),
        std::string("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                    "a")}) {
    CAPTURE(message.size());
    CHECK_FALSE(ProtoFields(message).next());
  }
}
