#include "arithmetic.h"

int Times(int a, int b) { return a * b; }
