#pragma once

// Times returns a times b.
int Times(int a, int b);
