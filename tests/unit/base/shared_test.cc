#include "base/shared.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace bearer;

namespace {

using Names = base::SharedList<std::string>;

std::vector<std::string> read(const Names& names) {
  return {names.begin(), names.end()};
}

}  // namespace

TEST_CASE("a shared list reads like a vector") {
  Names names{"a", "bb"};
  names.push_back("ccc");
  CHECK(read(names) == std::vector<std::string>{"a", "bb", "ccc"});
  CHECK(names.size() == 3);
  CHECK(names.front() == "a");
  CHECK(names.back() == "ccc");
  CHECK(names[1] == names.at(1));
  CHECK(std::ranges::find(names, "bb")->size() == 2);
  CHECK(Names(std::vector<std::string>{"a", "bb", "ccc"}) == names);
  CHECK(Names().empty());
  CHECK(Names{"a"} != names);
}

TEST_CASE("a copy of a list shares its values until one is replaced") {
  Names names{"a", "b"};
  Names copy = names;
  CHECK(&copy[0] == &names[0]);
  copy.replace(0, "z");
  CHECK(read(names) == std::vector<std::string>{"a", "b"});
  CHECK(read(copy) == std::vector<std::string>{"z", "b"});
  CHECK(&copy[1] == &names[1]);
}

TEST_CASE("a list shares what is equal in another one, wherever it stands there") {
  const Names before{"a", "b", "c", "d"};
  Names after{"new", "a", "c", "other", "b"};
  after.share_with(before);
  CHECK(read(after) == std::vector<std::string>{"new", "a", "c", "other", "b"});
  CHECK(&after[1] == &before[0]);
  CHECK(&after[2] == &before[2]);
  CHECK(&after[4] == &before[1]);
  Names alone{"x"};
  alone.share_with({});
  CHECK(read(alone) == std::vector<std::string>{"x"});
}
