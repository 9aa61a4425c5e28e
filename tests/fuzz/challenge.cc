// Challenges, lists and quoted strings, in fields of a line each.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "http/challenge.h"
#include "http/chars.h"
#include "http/hop_by_hop.h"
#include "http/patience.h"
#include "http/quoted_string.h"
#include "http/token_list.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using http::FieldName;

void check_loggable(std::string_view text) {
  check(text.size() <= http::kChallengeTextBytesMax, "what is logged is bounded");
  check(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }),
        "what is logged is printable");
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Whatever a server says in a quoted string is understood as that.
void check_quoting(std::string_view text) {
  const std::string value = quoted(text);
  check(http::unquote(value) == text, "what is quoted is unquoted");
  check(http::find_unquoted(value, ',') == value.size(), "nothing separates within quotes");
  const std::string challenge =
      "Basic realm=\"a, Bearer\", Bearer error=" + value + ", scope=\"b\"";
  http::FieldList fields;
  fields.push({"WWW-Authenticate", challenge, FieldName::www_authenticate});
  const auto read = http::bearer_challenge(fields);
  check(read.has_value() && read->scope == "b", "a challenge goes on behind a quoted string");
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (printable && text.size() <= http::kChallengeTextBytesMax) {
    check(read->error == text, "an error is what the server said");
  }
  check(http::insufficient_scope(fields) == (text == "insufficient_scope"),
        "insufficient_scope is told apart");
}

/// It goes into a JSON string as it is.
void check_nonce(std::string_view value) {
  http::FieldList fields;
  fields.push({"DPoP-Nonce", value, FieldName::dpop_nonce});
  const std::string_view nonce = http::dpop_nonce(fields);
  check(nonce.empty() || nonce == value, "a nonce is taken whole or not at all");
  check(nonce.size() <= http::kDpopNonceBytesMax, "a nonce is bounded");
  check(std::ranges::none_of(
            nonce, [](char c) { return c <= 0x20 || c >= 0x7f || c == '"' || c == '\\'; }),
        "a nonce needs no escape");
}

std::vector<std::string_view> elements_of(std::string_view list) {
  std::vector<std::string_view> elements;
  while (const auto element = http::next_element(list)) elements.push_back(*element);
  return elements;
}

void check_list(std::string_view value) {
  const std::vector<std::string_view> elements = elements_of(value);
  std::string joined;
  for (const std::string_view element : elements) {
    check(!element.empty() && element.find(',') == std::string_view::npos,
          "an element is neither empty nor several");
    joined.append(element).append(", ");
  }
  check(elements_of(joined) == elements, "a list that is written and read stays the same");
}

void run(std::string_view bytes) {
  const FieldLines lines(bytes);
  if (!lines.well_formed()) return;
  const http::FieldList& fields = lines.fields();
  const auto challenge = http::bearer_challenge(fields);
  if (challenge) {
    for (const std::string& text : {challenge->error, challenge->description, challenge->scope}) {
      check_loggable(text);
    }
    check(fields.has(FieldName::www_authenticate), "no challenge but of its field");
    check(challenge->error != "insufficient_scope" || http::insufficient_scope(fields),
          "both readers see insufficient_scope");
  }
  for (const http::Field& field : fields) {
    check_quoting(field.value);
    check_nonce(field.value);
    check_list(field.value);
  }
  http::ConnectionOptions options;
  if (options.read(fields) != http::HeadFault::none) return;
  for (const http::Field& field : fields) {
    const bool named = http::lists(fields, FieldName::connection, field.name);
    if (named && field.id == FieldName::other) {
      check(!http::forwarded(field, options), "what Connection names ends here");
    }
  }
}

const Registration registration("challenge", run);

}  // namespace
}  // namespace bearer::fuzz
