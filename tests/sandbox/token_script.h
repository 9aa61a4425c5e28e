// The answers that the token endpoint gives in place of its own, one a request, in order.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// An answer, or only a delay before the endpoint's own.
struct ScriptedAnswer {
  std::optional<Answer> answer;
  Milliseconds delay{0};
};

/// Any method from any thread.
class TokenScript {
 public:
  /// A JSON array. An element is the name of an answer (see named_answers() in the source), or an
  /// object:
  /// `{"status":500,"fields":{"Retry-After":"1"},"type":"text/plain","body":"...","delay_ms":200}`,
  /// every key optional; without a status it only delays the endpoint's own answer.
  /// Throws std::invalid_argument for anything else, and then changes nothing.
  void append(std::string_view json);

  /// By the names alone: `429,500,html`.
  void append_names(std::string_view list);

  /// Takes the next one, if there is one.
  std::optional<ScriptedAnswer> next();

 private:
  void append_all(std::vector<ScriptedAnswer> answers);

  std::mutex mutex_;
  std::deque<ScriptedAnswer> answers_;
};

}  // namespace bearer::sandbox
