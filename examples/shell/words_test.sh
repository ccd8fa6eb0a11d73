#!/bin/sh
# words_test.sh SORTED COUNTED: the words are in order, and all there.
set -eu
[ "$(head -n 1 "$1")" = apple ]
[ "$(cat "$2")" = 3 ]
