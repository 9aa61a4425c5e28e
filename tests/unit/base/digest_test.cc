#include "base/digest.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

using namespace bearer;

TEST_CASE("SHA-256 as FIPS 180-4 has it") {
  CHECK(base::hex_encode(base::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(base::hex_encode(base::sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
