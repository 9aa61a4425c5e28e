#include "app/app.h"

int main(int argc, char** argv) {
  return bearer::app::run(argc, argv);
}
