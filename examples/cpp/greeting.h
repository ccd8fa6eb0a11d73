#pragma once

#include <string>

// Greeting returns what to say to `name`; the world is greeted where there is none.
std::string Greeting(const std::string& name);
