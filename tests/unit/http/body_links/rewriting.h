// A LinkRewriter makes the same of a body, however that is cut into pieces.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_links/link_rewriter.h"

namespace bearer::http::test {

using MakeRewriter = std::function<std::unique_ptr<LinkRewriter>()>;

inline std::string rewritten(const MakeRewriter& make,
                             const std::vector<std::string_view>& pieces) {
  const std::unique_ptr<LinkRewriter> links = make();
  std::string out;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const LinkRewriter::Step step = links->next(piece);
      REQUIRE(step.consumed + step.other.size() > 0);
      REQUIRE(step.consumed <= piece.size());
      REQUIRE(step.other.size() <= LinkRewriter::kOtherBytesMax);
      out.append(step.same).append(step.other);
      piece.remove_prefix(step.consumed);
    }
  }
  const std::string_view rest = links->finish();
  REQUIRE(rest.size() <= LinkRewriter::kOtherBytesMax);
  return out.append(rest);
}

inline std::vector<std::string_view> cut(std::string_view text, std::size_t bytes) {
  std::vector<std::string_view> pieces;
  for (; !text.empty(); text.remove_prefix(std::min(bytes, text.size()))) {
    pieces.push_back(text.substr(0, bytes));
  }
  return pieces;
}

/// Whole, in two pieces at every place, and in small ones.
inline void check(const MakeRewriter& make, std::string_view body, std::string_view expected) {
  CAPTURE(body);
  CHECK(rewritten(make, {body}) == expected);
  for (std::size_t i = 1; i < body.size(); ++i) {
    CAPTURE(i);
    CHECK(rewritten(make, {body.substr(0, i), body.substr(i)}) == expected);
  }
  for (const std::size_t bytes : {1U, 2U, 5U}) CHECK(rewritten(make, cut(body, bytes)) == expected);
}

}  // namespace bearer::http::test
