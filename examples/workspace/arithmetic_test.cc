#include "arithmetic.h"

#include "answer.h"

int main() { return Times(6, 7) == ANSWER ? 0 : 1; }
