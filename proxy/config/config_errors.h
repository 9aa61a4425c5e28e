// Collects all mistakes in a configuration, so that a person hears of them at once.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"

namespace bearer::config {

class ConfigErrors {
 public:
  /// Adds one sentence for the person who must fix it, without a secret's value. A mistake that
  /// several blocks inherit is reported once.
  void add(std::string sentence) {
    if (std::ranges::find(sentences_, sentence) == sentences_.end()) {
      sentences_.push_back(std::move(sentence));
    }
  }
  bool none() const { return sentences_.empty(); }

  /// Throws a ConfigError with a line for each sentence, if there is one.
  void throw_if_any() const {
    if (none()) return;
    std::string text;
    for (const std::string& sentence : sentences_) {
      if (!text.empty()) text += '\n';
      text += sentence;
    }
    throw ConfigError(text);
  }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace bearer::config
