// Writes one of the documents that are made from the program's own tables to stdout.
#include <cstring>
#include <iostream>

#include "deploy/docs/completions.h"
#include "deploy/docs/config_schema.h"
#include "deploy/docs/manual.h"
#include "deploy/docs/presets_page.h"
#include "deploy/docs/settings_page.h"

int main(int argc, char** argv) {
  using namespace bearer::docs;
  const char* wanted = argc == 2 ? argv[1] : "";
  if (std::strcmp(wanted, "manual") == 0) {
    std::cout << manual(BEARER_VERSION);
  } else if (std::strcmp(wanted, "bash") == 0) {
    std::cout << bash_completion();
  } else if (std::strcmp(wanted, "zsh") == 0) {
    std::cout << zsh_completion();
  } else if (std::strcmp(wanted, "fish") == 0) {
    std::cout << fish_completion();
  } else if (std::strcmp(wanted, "settings") == 0) {
    std::cout << settings_page();
  } else if (std::strcmp(wanted, "schema") == 0) {
    std::cout << config_schema();
  } else if (std::strcmp(wanted, "presets") == 0) {
    std::cout << presets_page();
  } else {
    std::cerr << "usage: bearer-docs manual|bash|zsh|fish|settings|presets|schema\n";
    return 2;
  }
  return std::cout.flush() ? 0 : 1;
}
