#include "base/argv.h"

namespace bearer::base {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Error malformed(const char* why) {
  return {Errc::request_malformed, why};
}

}  // namespace

Result<std::vector<std::string>> split_argv(std::string_view text) {
  std::vector<std::string> words;
  char quote = '\0';     // the open one
  bool in_word = false;  // an empty pair of quotes is a word, too
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && is_space(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else if (c == '\\' && quote != '\'') {
      if (i + 1 == text.size()) return malformed("it ends with a backslash");
      const char next = text[i + 1];
      if (quote == '"' && next != '"' && next != '\\') {
        words.back() += c;
      } else {
        words.back() += next;
        ++i;
      }
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return malformed("a quote is not closed");
  if (words.empty() || words.front().empty()) return malformed("it names no program");
  return words;
}

}  // namespace bearer::base
