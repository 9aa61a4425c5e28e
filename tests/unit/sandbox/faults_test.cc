#include "tests/sandbox/faults.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

using namespace bearer::sandbox;

namespace {

std::vector<Fault> draws(Faults& faults, const std::string& key, int count) {
  std::vector<Fault> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(faults.draw(key).fault);
  return drawn;
}

}  // namespace

TEST_CASE("the n-th arrival of a request meets the same fault, whatever else arrives") {
  const FaultOptions options = parse_faults("seed=7,429=20%,5xx=20%");
  Faults alone(options);
  Faults among_others(options);
  const std::vector<Fault> expected = draws(alone, "a", 100);
  std::vector<Fault> drawn;
  for (int i = 0; i < 100; ++i) {
    among_others.draw("other " + std::to_string(i));
    drawn.push_back(among_others.draw("a").fault);
  }
  CHECK(drawn == expected);
}

TEST_CASE("another seed or another request meets other faults") {
  Faults faults(parse_faults("seed=7,429=50%"));
  Faults other(parse_faults("seed=8,429=50%"));
  const std::vector<Fault> drawn = draws(faults, "a", 64);
  CHECK(draws(faults, "b", 64) != drawn);
  CHECK(draws(other, "a", 64) != drawn);
}

TEST_CASE("faults come as often as asked for") {
  Faults faults(parse_faults("429=5%,5xx=10%,reset=1%,401=2%,delay=3%"));
  std::map<Fault, int> counts;
  for (int i = 0; i < 100'000; ++i) ++counts[faults.draw("request " + std::to_string(i)).fault];
  CHECK(counts[Fault::rate_limited] == doctest::Approx(5000).epsilon(0.1));
  CHECK(counts[Fault::server_error] == doctest::Approx(10000).epsilon(0.1));
  CHECK(counts[Fault::reset] == doctest::Approx(1000).epsilon(0.1));
  CHECK(counts[Fault::unauthorized] == doctest::Approx(2000).epsilon(0.1));
  CHECK(counts[Fault::delayed] == doctest::Approx(3000).epsilon(0.1));
}

TEST_CASE("the same request never meets more faults in a row than allowed") {
  Faults faults(parse_faults("5xx=100%,in-a-row=2"));
  const Fault fault = Fault::server_error;
  CHECK(draws(faults, "a", 6) == std::vector{fault, fault, Fault::none, fault, fault, Fault::none});
}

TEST_CASE("a 429 comes with Retry-After, with a quota header alone, and bare") {
  const auto fields = [](std::uint64_t variant) {
    std::string names;
    for (const auto& [name, value] : fault_answer({Fault::rate_limited, variant}).fields) {
      names += name + " ";
    }
    return names;
  };
  CHECK(fields(0) == "");
  CHECK(fields(1) ==
        "inin-ratelimit-count inin-ratelimit-allowed inin-ratelimit-reset Retry-After ");
  CHECK(fields(2) == "inin-ratelimit-count inin-ratelimit-allowed inin-ratelimit-reset ");
}

TEST_CASE("faults that cannot be read are named") {
  for (const char* text : {"429=5", "429=101%", "429=-1%", "429=x%", "429=%", "429", "x=1%",
                           "seed=-1", "seed=", "=", "in-a-row=x"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_faults(text), std::invalid_argument);
  }
  CHECK_THROWS_WITH(parse_faults("seed=1,429=5"), "'429=5': not a share: a share looks like 5%");
}
