#include "wire/h2/pages.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace bearer;
using wire::h2::Pages;

namespace {

std::string_view content(const Pages& pages) {
  return {pages.begin(), Pages::kBytes};
}

const std::string kZeros(Pages::kBytes, '\0');

/// A few texts among zeros, at both ends and across words.
std::string scattered() {
  std::string text = kZeros;
  for (const std::size_t at : {0ul, 13ul, 4094ul, 8000ul, Pages::kBytes - 5}) {
    text.replace(at, 5, "words");
  }
  return text;
}

/// The pages that are in memory.
std::size_t resident(const Pages& pages) {
  std::array<unsigned char, Pages::kBytes / 4096> in{};
  REQUIRE(::mincore(pages.begin(), Pages::kBytes, in.data()) == 0);
  std::size_t count = 0;
  for (const unsigned char page : in) count += page & 1u;
  return count;
}

constexpr bool kMapped =
#if defined(__SANITIZE_ADDRESS__)
    false;
#else
    true;
#endif

}  // namespace

TEST_CASE("what is put away comes back as it was, at the same place, as often as that happens") {
  Pages pages;
  CHECK(content(pages) == kZeros);
  for (const std::string& text : {scattered(), kZeros, std::string(Pages::kBytes, 'x')}) {
    std::memcpy(pages.begin(), text.data(), text.size());
    char* const before = pages.begin();
    pages.put_away();
    pages.put_away();
    CHECK(pages.away());
    CHECK(content(pages) == kZeros);
    pages.take_back();
    pages.take_back();
    CHECK_FALSE(pages.away());
    CHECK(pages.begin() == before);
    CHECK((content(pages) == text));
  }
}

TEST_CASE("pages that are put away take no memory, and their neighbours keep theirs") {
  if (!kMapped || ::sysconf(_SC_PAGESIZE) != 4096) return;
  Pages before, pages, after;
  for (Pages* each : {&before, &pages, &after}) std::memset(each->begin(), 'x', Pages::kBytes);
  CHECK(resident(pages) == 3);
  pages.put_away();
  CHECK(resident(pages) == 0);
  for (Pages* each : {&before, &after}) {
    CHECK(resident(*each) == 3);
    CHECK((content(*each) == std::string(Pages::kBytes, 'x')));
  }
}

TEST_CASE("whoever gets used pages finds zeros, whether they were put away or not") {
  std::vector<std::unique_ptr<Pages>> many;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      many.push_back(std::make_unique<Pages>());
      REQUIRE((content(*many.back()) == kZeros));
      std::memset(many.back()->begin(), 'a' + i % 26, Pages::kBytes);
      if (i % 3 == 0) many.back()->put_away();
    }
    many.clear();
  }
}
