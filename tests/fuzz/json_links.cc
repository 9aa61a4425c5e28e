// Links in JSON bodies: in any pieces the same, and what a parser of JSON makes of it.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/body_links/json_links.h"
#include "http/links.h"
#include "tests/fuzz/mapping.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using Json = nlohmann::ordered_json;

/// Of a document whose parsed form is walked: that takes a stack.
constexpr int kDepthMax = 200;

void offer(http::JsonLinks& links, std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    const http::JsonLinks::Step step = links.next(piece);
    check(step.consumed <= piece.size(), "no more is consumed than was offered");
    check(step.consumed > 0 || !step.same.empty() || !step.other.empty(), "a step does something");
    check(step.other.size() <= http::JsonLinks::kOtherBytesMax, "what takes its place is bounded");
    out.append(step.same).append(step.other);
    piece.remove_prefix(step.consumed);
  }
}

std::string rewritten(std::string_view body, const Mapping& mapping, bool in_pieces) {
  http::JsonLinks links(http::to_proxy(mapping.map()));
  std::string out;
  if (!in_pieces) {
    offer(links, body, out);
  } else {
    for (Pieces pieces(body); !pieces.empty();) offer(links, pieces.next(), out);
  }
  out.append(links.finish());
  return out;
}

/// Returns what is to become of a string value.
std::string expected(const std::string& value, const Mapping& mapping) {
  if (!http::may_begin_link(value, http::to_proxy(mapping.map()).origins)) return value;
  return http::rewrite_location(value, mapping.map()).value_or(value);
}

void rewrite_values(Json& document, const Mapping& mapping) {
  if (document.is_string()) document = expected(document.get<std::string>(), mapping);
  if (document.is_structured()) {
    for (Json& element : document) rewrite_values(element, mapping);
  }
}

class Shallow {
 public:
  bool operator()(int depth, Json::parse_event_t, Json&) {
    deep_ = deep_ || depth > kDepthMax;
    return true;
  }
  bool holds() const { return !deep_; }

 private:
  bool deep_ = false;
};

void check_document(std::string_view body, std::string_view out, const Mapping& mapping) {
  Shallow shallow;
  Json document = Json::parse(body, std::ref(shallow), /*allow_exceptions=*/false);
  if (document.is_discarded() || !shallow.holds()) return;
  const Json after = Json::parse(out, nullptr, /*allow_exceptions=*/false);
  check(!after.is_discarded(), "JSON stays JSON");
  rewrite_values(document, mapping);
  check(after == document, "the values that are links are rewritten, and nothing else");
}

void run(std::string_view bytes) {
  for (const Mapping& mapping : mappings()) {
    const std::string out = rewritten(bytes, mapping, false);
    check(rewritten(bytes, mapping, true) == out, "a body in pieces becomes the same body");
    check_document(bytes, out, mapping);
  }
}

const Registration registration("json_links", run);

}  // namespace
}  // namespace bearer::fuzz
