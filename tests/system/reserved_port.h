// A port of loopback at which nobody listens, until a program of the test takes it.
#pragma once

#include <string>

#include "tests/system/program.h"

namespace bearer::test {

/// Bound but not listening: connections are refused, and nobody else is given the port. A program
/// of the test can listen on it meanwhile, if it sets SO_REUSEPORT or SO_REUSEADDR, as servers do.
class ReservedPort {
 public:
  ReservedPort();

  std::string number() const { return std::to_string(number_); }
  std::string origin() const { return "http://127.0.0.1:" + number(); }

 private:
  Descriptor socket_;
  int number_ = 0;
};

}  // namespace bearer::test
