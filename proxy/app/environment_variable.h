// What was said to this process alone by way of its environment.
#pragma once

#include <stdlib.h>

#include <string>

namespace bearer::app {

/// Takes the variable out of the environment: what it says is not for a program that we start.
/// Empty where there is none. Called while there is no other thread.
inline std::string take_variable(const char* name) {
  const char* value = getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

}  // namespace bearer::app
