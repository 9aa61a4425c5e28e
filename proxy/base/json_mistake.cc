#include "base/json_mistake.h"

#include <algorithm>

namespace bearer::base {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kPunctuation = "{}[],:";

struct Token {
  std::size_t begin = 0, end = 0;
  char first = 0;  ///< 0: there is none
};

std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// The first place after blanks and comments.
std::size_t skip(std::string_view text, std::size_t at) {
  for (;;) {
    at = std::min(text.find_first_not_of(kBlanks, at), text.size());
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("//")) {
      at = std::min(text.find('\n', at), text.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      return at;
    }
  }
}

Token token_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {text.size(), text.size()};
  Token token{at, at + 1, text[at]};
  if (token.first == '"') {
    token.end = end_of_string(text, at);
  } else if (kPunctuation.find(token.first) == std::string_view::npos) {
    const std::size_t end = text.find_first_of("{}[],:\" \t\r\n", at + 1);
    token.end = std::min(end, text.size());
  }
  return token;
}

bool ends_value(char first) {
  return first != 0 && std::string_view("{[,:").find(first) == std::string_view::npos;
}

bool begins_value(char first) {
  return first != 0 && std::string_view("}],:").find(first) == std::string_view::npos;
}

}  // namespace

std::string json_mistake(std::string_view text, std::size_t offset) {
  Token before, at = token_at(text, skip(text, 0));
  while (at.first != 0 && at.end <= offset) {
    before = at;
    at = token_at(text, skip(text, at.end));
  }
  const bool closes = at.first == '}' || at.first == ']';
  if (at.first == 0) return "the text ends before its last } or ]";
  if (at.first == '#' || at.first == ';') return "a comment begins with //";
  if (at.first == '\'') return "text stands in double quotes, not in single ones";
  if (closes && before.first == ',') return "there is a comma too many before the closing bracket";
  if (at.first == ',' && !ends_value(before.first)) return "there is a comma too many";
  if (ends_value(before.first) && begins_value(at.first)) {
    return "a comma is missing between two members, or a colon behind a name";
  }
  return {};
}

}  // namespace bearer::base
