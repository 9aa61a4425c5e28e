// The arrows of the layout: which folder of proxy/ may include what, and that no folder holds a
// circle. .github/CONTRIBUTING.md draws them.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/content.h"
#include "tests/support/source_tree.h"

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string_view>;

struct Layer {
  std::string_view folder;
  Names uses;             ///< whole folders beside its own, or single headers
  Names options_of = {};  ///< folders of which only the headers that hold an Options struct
};

const std::vector<Layer> kLayers = {
    {"base", {}},
    {"http", {"base"}},
    {"net", {"base"}},
    {"wire", {"base", "http", "net"}},
    {"token", {"base", "http", "net", "wire"}},
    {"admin", {"base", "http", "net", "wire"}},
    {"relay", {"base", "http", "net", "wire", "token/source.h"}},
    {"config", {"base", "http", "net/address.h", "token/json.h"}, {"net", "token", "relay"}},
    {"app", {"base", "http", "net", "wire", "token", "admin", "relay", "config"}},
};

struct Library {
  std::string_view headers;
  Names used_by;  ///< folders or single files
};

const std::vector<Library> kLibraries = {
    {"openssl/", {"base", "net", "wire", "token"}},
    {"nlohmann/", {"admin", "config", "token", "app/status.cc"}},
    {"nghttp2/", {"wire"}},
    {"zlib.h", {"token/oauth/content_coding.cc"}},
    {"httplib.h", {}},  // of the tests only
};

/// Folders of the system's own headers; what stands in any other is a library's.
const Names kSystem = {"arpa", "linux", "net", "netinet", "sys"};

struct Include {
  std::string file;  ///< that includes; both are relative to proxy/
  std::string header;
  bool ours;  ///< in quotes
};

const fs::path kProxy = bearer::test::source_tree() / "proxy";

std::vector<Include> includes_of(const std::string& file, const std::string& text) {
  static const std::regex kInclude(R"re((?:^|\n)[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"])re");
  std::vector<Include> found;
  for (std::sregex_iterator it(text.begin(), text.end(), kInclude), end; it != end; ++it) {
    found.push_back({file, (*it)[2], (*it)[1] == "\""});
  }
  return found;
}

std::vector<Include> all_includes() {
  std::vector<Include> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kProxy)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".cc" && path.extension() != ".h") continue;
    const std::string file = fs::relative(path, kProxy);
    for (Include& include : includes_of(file, bearer::test::content(path)))
      found.push_back(std::move(include));
  }
  return found;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? "app" : path.substr(0, slash);  // main.cc
}

bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Names the file, or the folder that it is in.
bool covers(const Names& names, std::string_view path) {
  return contains(names, path) || contains(names, folder_of(path));
}

bool holds_options(const std::string& header) {
  static const std::regex kOptions(R"(struct [A-Z]\w*Options\b)");
  return std::regex_search(bearer::test::content(kProxy / header), kOptions);
}

bool allowed(const Include& include) {
  if (!include.ours) {
    const auto library = std::ranges::find_if(
        kLibraries, [&](const Library& one) { return include.header.starts_with(one.headers); });
    if (library != kLibraries.end()) return covers(library->used_by, include.file);
    const std::size_t slash = include.header.find('/');
    return slash == std::string::npos || contains(kSystem, include.header.substr(0, slash));
  }
  const std::string_view from = folder_of(include.file);
  if (folder_of(include.header) == from) return true;
  const auto layer = std::ranges::find(kLayers, from, &Layer::folder);
  if (layer == kLayers.end()) return false;
  if (covers(layer->uses, include.header)) return true;
  return contains(layer->options_of, folder_of(include.header)) && holds_options(include.header);
}

/// The nouns of one folder, and for each those of the same folder that it includes. A pair .h .cc
/// is one noun, and so is a folder within.
using Nouns = std::map<std::string, std::set<std::string>>;

/// Returns the noun of `folder` to which `path`, which is below it, belongs.
std::string noun_in(const fs::path& folder, const fs::path& path) {
  return fs::path(*path.lexically_relative(folder).begin()).stem();
}

bool is_below(const fs::path& folder, const fs::path& path) {
  return *path.lexically_relative(folder).begin() != "..";
}

Nouns nouns_of(const fs::path& folder, const std::vector<Include>& includes) {
  Nouns nouns;
  for (const Include& include : includes) {
    if (!include.ours || !is_below(folder, include.file)) continue;
    std::set<std::string>& used = nouns[noun_in(folder, include.file)];
    if (!is_below(folder, include.header)) continue;
    const std::string header = noun_in(folder, include.header);
    nouns.try_emplace(header);
    if (header != noun_in(folder, include.file)) used.insert(header);
  }
  return nouns;
}

/// The nouns that are part of a circle, or stand between two; empty if there is none.
std::string circle_in(Nouns nouns) {
  const auto is_end = [&](const Nouns::value_type& noun) {
    const auto uses_left = [&](const std::string& used) { return nouns.contains(used); };
    const auto used_by = [&](const auto& other) { return other.second.contains(noun.first); };
    return std::ranges::none_of(noun.second, uses_left) || std::ranges::none_of(nouns, used_by);
  };
  // A noun that uses nothing, or that nothing uses, is in no circle; without it the next may be so.
  auto end = std::ranges::find_if(nouns, is_end);
  while (end != nouns.end()) {
    nouns.erase(end);
    end = std::ranges::find_if(nouns, is_end);
  }
  std::string names;
  for (const auto& [name, used] : nouns) names += name + " ";
  return names;
}

std::vector<fs::path> folders() {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kProxy)) {
    if (entry.is_directory()) found.push_back(fs::relative(entry.path(), kProxy));
  }
  return found;
}

}  // namespace

TEST_CASE("no folder of proxy/ includes a layer above its own, or a library that it should not") {
  const std::vector<Include> all = all_includes();
  REQUIRE(all.size() > 500);  // they were found
  for (const Include& include : all) {
    CAPTURE(include.file);
    CAPTURE(include.header);
    CHECK(allowed(include));
  }
}

TEST_CASE("within a folder of proxy/ the nouns form no circle, and can be seen at a glance") {
  constexpr std::size_t kNounsMax = 32;
  const std::vector<Include> all = all_includes();
  REQUIRE(folders().size() > 10);
  for (const fs::path& folder : folders()) {
    CAPTURE(folder.string());
    const Nouns nouns = nouns_of(folder, all);
    CHECK(nouns.size() <= kNounsMax);
    CHECK(circle_in(nouns) == "");
  }
}

TEST_CASE("a circle is found, through files and through a folder within") {
  const Include down{"a/x.cc", "a/y.h", true};
  const Include up{"a/y.h", "a/z.h", true};
  const Include aside{"a/user.cc", "a/x.h", true};
  const Include below{"a/y.h", "a/in/w.h", true};
  CHECK(circle_in(nouns_of("a", {down, up, below, aside})) == "");
  CHECK(circle_in(nouns_of("a", {down, up, aside, {"a/z.cc", "a/x.h", true}})) == "x y z ");
  CHECK(circle_in(nouns_of("a", {down, below, {"a/in/v.cc", "a/x.h", true}})) == "in x y ");
  CHECK(circle_in(nouns_of("a/in", {below, {"a/in/v.cc", "a/in/w.h", true}})) == "");
  CHECK(nouns_of("a", {down, up, below, aside, {"b/q.cc", "a/x.h", true}}).size() == 5);
}

// The library throws at a text that is not UTF-8 unless it is told what to do. config/ writes only
// what it has just parsed.
TEST_CASE("what threads that must not end write as JSON may hold any bytes") {
  static const std::regex kDump(R"(\.dump\((?!-1, ' ', false, \w+::error_handler_t::replace\)))");
  std::size_t files = 0;
  for (const char* folder : {"token", "admin", "app"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kProxy / folder)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      CAPTURE(entry.path().string());
      CHECK_FALSE(std::regex_search(bearer::test::content(entry.path()), kDump));
      ++files;
    }
  }
  CHECK(files > 80);
}

TEST_CASE("every file that proxy/ includes in quotes is there") {
  for (const Include& include : all_includes()) {
    if (!include.ours) continue;
    CAPTURE(include.file);
    CAPTURE(include.header);
    CHECK(fs::exists(kProxy / include.header));
  }
}

TEST_CASE("the layer rules refuse what breaks them") {
  CHECK_FALSE(allowed({"base/text.cc", "http/chars.h", true}));
  CHECK_FALSE(allowed({"http/url.cc", "net/address.h", true}));
  CHECK_FALSE(allowed({"relay/exchange.cc", "token/refresh/token_refresher.h", true}));
  CHECK_FALSE(allowed({"token/refresh/token_refresher.cc", "relay/options.h", true}));
  CHECK_FALSE(allowed({"config/load.cc", "relay/sessions.h", true}));
  CHECK_FALSE(allowed({"stray/file.cc", "base/text.h", true}));
  CHECK_FALSE(allowed({"relay/sessions.cc", "nlohmann/json.hpp", false}));
  CHECK_FALSE(allowed({"http/url.cc", "openssl/evp.h", false}));
  CHECK_FALSE(allowed({"net/loop.cc", "boost/asio.hpp", false}));
  CHECK_FALSE(allowed({"token/oauth/http_request.cc", "httplib.h", false}));

  CHECK(allowed({"relay/exchange.cc", "token/source.h", true}));
  CHECK(allowed({"config/load.cc", "relay/options.h", true}));
  CHECK(allowed({"main.cc", "app/app.h", true}));
  CHECK(allowed({"net/loop.cc", "vector", false}));
  CHECK(allowed({"net/loop.cc", "sys/epoll.h", false}));
}

TEST_CASE("an include is seen wherever it stands in a file") {
  const std::vector<Include> found =
      includes_of("a.cc", "#include \"x/y.h\"\n  # include <z>\n// #include \"no.h\"\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].header == "x/y.h");
  CHECK(found[0].ours);
  CHECK(found[1].header == "z");
  CHECK_FALSE(found[1].ours);
}
