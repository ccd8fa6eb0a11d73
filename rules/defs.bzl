"""What BUILD files load from bbf."""

load("//rules/private:verb.bzl", _verb = "verb")

verb = _verb
