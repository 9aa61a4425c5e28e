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

TEST_CASE("an HMAC is that of RFC 4231, test cases 1 and 2") {
  CHECK(base::hex_encode(base::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(base::hex_encode(base::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
