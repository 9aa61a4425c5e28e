#include "net/buffer.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>

using namespace bearer;
using net::Buffer;

TEST_CASE("a buffer gives its bytes in order, whole or in parts") {
  Buffer buffer;
  CHECK(buffer.empty());
  CHECK(buffer.bytes().empty());
  buffer.append("hello ");
  buffer.append("");
  buffer.append("world");
  CHECK(buffer.bytes() == "hello world");
  buffer.consume(6);
  CHECK(buffer.bytes() == "world");
  CHECK(buffer.size() == 5);
}

TEST_CASE("a buffer without bytes holds no memory") {
  CHECK(sizeof(Buffer) == sizeof(void*));
  Buffer buffer;
  buffer.append("x");
  buffer.consume(1);
  CHECK(buffer.bytes().data() == nullptr);
  buffer.append("y");
  buffer.clear();
  CHECK(buffer.bytes().data() == nullptr);
  CHECK(buffer.empty());
}

TEST_CASE("views outlive the consumption of what stands before them") {
  Buffer buffer;
  buffer.append("0123456789");
  const std::string_view tail = buffer.bytes().substr(5);
  buffer.consume(5);
  CHECK(buffer.bytes().data() == tail.data());
}

TEST_CASE("room is at least what was asked for, and keeps what is there") {
  for (const std::size_t wanted : {1u, 2048u, 2049u, 100'000u}) {
    CAPTURE(wanted);
    Buffer buffer;
    buffer.append("abcdef");
    buffer.consume(2);
    CHECK(buffer.room(wanted).size() >= wanted);
    CHECK(buffer.bytes() == "cdef");
  }
}

TEST_CASE("room is made by moving to the front before memory grows") {
  Buffer buffer;
  const std::size_t capacity = buffer.room(1).size();
  const std::string whole(capacity, 'x');
  buffer.append(whole);
  const char* memory = buffer.bytes().data();
  buffer.consume(capacity - 10);
  buffer.append("tail");
  CHECK(buffer.bytes().data() == memory);
  CHECK(buffer.bytes() == "xxxxxxxxxxtail");
}

TEST_CASE("a moved buffer takes its bytes along, and the target's are given up") {
  Buffer from;
  from.append("moved");
  Buffer to;
  to.append("gone");
  to = std::move(from);
  CHECK(to.bytes() == "moved");
  Buffer third(std::move(to));
  CHECK(third.bytes() == "moved");
}

TEST_CASE("random operations agree with a string") {
  std::mt19937 random(7);
  Buffer buffer;
  std::string model;
  for (int step = 0; step < 5'000; ++step) {
    if (random() % 2 == 0) {
      const std::string bytes(random() % 700, static_cast<char>('a' + step % 26));
      buffer.append(bytes);
      model += bytes;
    } else {
      const std::size_t count = random() % (model.size() + 1);
      buffer.consume(count);
      model.erase(0, count);
    }
    REQUIRE(buffer.bytes() == model);
  }
}
