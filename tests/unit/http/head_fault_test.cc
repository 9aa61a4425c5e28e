#include "http/head_fault.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace bearer::http;

TEST_CASE("every fault has a sentence of its own") {
  std::set<std::string> sentences;
  const int last = static_cast<int>(HeadFault::host_malformed);
  for (int fault = 0; fault <= last; ++fault) {
    CAPTURE(fault);
    const std::string text(sentence(static_cast<HeadFault>(fault)));
    CHECK_FALSE(text.empty());
    CHECK(sentences.insert(text).second);
  }
}

TEST_CASE("a malformed request is a 400, one too large a 431, one with a foreign coding a 501") {
  CHECK(reply_status(HeadFault::target_malformed) == 400);
  CHECK(reply_status(HeadFault::version_unsupported) == 400);
  CHECK(reply_status(HeadFault::length_and_coding) == 400);
  CHECK(reply_status(HeadFault::host_missing) == 400);
  CHECK(reply_status(HeadFault::start_line_too_long) == 414);
  CHECK(reply_status(HeadFault::head_too_large) == 431);
  CHECK(reply_status(HeadFault::fields_too_many) == 431);
  CHECK(reply_status(HeadFault::options_too_many) == 431);
  CHECK(reply_status(HeadFault::coding_unsupported) == 501);
}
