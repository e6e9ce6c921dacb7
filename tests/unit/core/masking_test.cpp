#include "engine/core/masking.hpp"

#include <doctest/doctest.h>

#include "engine/core/secret.hpp"

namespace tenantry {
namespace {

constexpr std::string_view kText = "s3cret?value>+~ \"x";

std::string masked(std::string text, std::string_view secret = kText) {
  mask(text, secret);
  return text;
}

}  // namespace

TEST_SUITE("masking") {
  TEST_CASE("mask: finds a secret as it is, in JSON and percent-encoded") {
    CHECK(masked("a s3cret?value>+~ \"x b") == "a (sensitive) b");
    CHECK(masked("{\"k\":\"s3cret?value>+~ \\\"x\"}") == "{\"k\":\"(sensitive)\"}");
    CHECK(masked("k=s3cret%3Fvalue%3E%2B~%20%22x&l") == "k=(sensitive)&l");
    CHECK(masked("k=s3cret%3Fvalue%3E%2B~+%22x&l") == "k=(sensitive)&l");
  }

  TEST_CASE("mask: finds a secret in base64") {
    CHECK(masked("k czNjcmV0P3ZhbHVlPit+ICJ4 l") == "k (sensitive) l");
    CHECK(masked("k czNjcmV0P3ZhbHVlPit-ICJ4 l") == "k (sensitive) l");
    CHECK(masked("c2VjcmV0IQ== l", "secret!") == "(sensitive) l");
  }

  TEST_CASE("mask: finds a secret inside something longer that is in base64") {
    // base64 of "c:secret-value", "id:secret-value" and "own:secret-value!": each hides it
    // otherwise.
    auto const shown = [](std::string text) { return masked(std::move(text), "secret-value"); };
    CHECK(shown("Basic YzpzZWNyZXQtdmFsdWU=") == "Basic Yzp(sensitive)U=");
    CHECK(shown("Basic aWQ6c2VjcmV0LXZhbHVl") == "Basic aWQ6(sensitive)");
    CHECK(shown("Basic b3duOnNlY3JldC12YWx1ZSE=") == "Basic b3duOn(sensitive)SE=");
  }

  TEST_CASE("mask: every occurrence goes, and nothing without one changes") {
    CHECK(masked("k k", "k") == "(sensitive) (sensitive)");
    CHECK(masked("nothing here, c2Vjcg==", "secr") == "nothing here, c2Vjcg==");
    CHECK(masked("nothing here", "") == "nothing here");
  }
}

}  // namespace tenantry
