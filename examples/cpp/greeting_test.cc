#include "greeting.h"

#include <cstdlib>
#include <iostream>

// Ends the test when `got` is not `want`.
static void Expect(const std::string& got, const std::string& want) {
  if (got != want) {
    std::cerr << "got \"" << got << "\", want \"" << want << "\"" << std::endl;
    std::exit(1);
  }
}

int main() {
  Expect(Greeting("Ada"), "Hello, Ada!");
  Expect(Greeting(""), "Hello, world!");
}
