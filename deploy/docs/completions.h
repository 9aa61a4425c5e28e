// What a shell offers when Tab is pressed, from the tables that the program itself goes by.
#pragma once

#include <string>

namespace bearer::docs {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace bearer::docs
