// How fast links inside JSON are rewritten on one core: prints a line of JSON for each document.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>

#include "http/body_links/json_links.h"

namespace {

using bearer::http::JsonLinks;
using bearer::http::LinkMap;
using bearer::http::Url;

constexpr std::size_t kDocumentBytes = 8u << 20;
constexpr std::size_t kPieceBytes = 64u << 10;  // what the proxy reads at once, at least
constexpr double kSeconds = 1;

/// Records until the document is large enough. `record` gives one of them, from its number.
template <typename Record>
std::string make_document(Record record) {
  std::string json = R"({"entities":[)";
  for (int i = 0; json.size() < kDocumentBytes; ++i) {
    if (i > 0) json += ',';
    json += record(std::to_string(100'000 + i));
  }
  return json + R"(],"nextUri":"https://api.example.com/api/v2/users?pageNumber=2"})";
}

/// As a page of an API that names each record's address.
std::string user(const std::string& id) {
  return R"({"id":"7c9e6679-7425-40de-944b-)" + id + R"(e07fc1f9","name":"User )" + id +
         R"(","email":"user)" + id +
         R"(@example.com","state":"active","version":17,"groups":["support","sales"],)"
         R"("addresses":[{"type":"work","value":"+49 30 )" +
         id + R"("}],"active":true,"selfUri":"https://api.example.com/api/v2/users/)" + id +
         R"("})";
}

/// Hardly anything but links.
std::string links(const std::string& id) {
  std::string json = "{";
  for (const char* name : {"url", "followers_url", "gists_url", "repos_url", "events_url"}) {
    if (json.size() > 1) json += ',';
    json +=
        '"' + std::string(name) + R"(":"https://api.example.com/users/)" + id + '/' + name + '"';
  }
  return json + '}';
}

/// Long texts with escapes.
std::string text(const std::string& id) {
  std::string json = R"({"id":)" + id + R"(,"body":")";
  for (int i = 0; i < 20; ++i) json += R"(He said \"see https://api.example.com/\" and left.\n)";
  return json + R"("})";
}

/// Rewrites the document once, as the proxy does: copied to where it is sent from.
std::size_t rewrite(std::string_view json, const LinkMap& map, std::string& out) {
  JsonLinks rewriter(bearer::http::to_proxy(map));
  std::size_t bytes = 0;
  while (!json.empty()) {
    out.clear();
    std::string_view piece = json.substr(0, kPieceBytes);
    json.remove_prefix(piece.size());
    while (!piece.empty()) {
      const JsonLinks::Step step = rewriter.next(piece);
      out.append(step.same).append(step.other);
      piece.remove_prefix(step.consumed);
    }
    bytes += out.size();
  }
  return bytes + rewriter.finish().size();
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void measure(const char* name, const std::string& json) {
  const Url upstream{true, "api.example.com", 443, ""};
  const LinkMap map{upstream, "/", false, "http://localhost:8080"};
  std::string out;
  const std::size_t bytes_out = rewrite(json, map, out);
  const double began = cpu_seconds();
  double took = 0;
  std::size_t bytes_in = 0;
  while (took < kSeconds) {
    if (rewrite(json, map, out) != bytes_out) std::abort();
    bytes_in += json.size();
    took = cpu_seconds() - began;
  }
  std::cout << R"({"document":")" << name << R"(","bytes_in":)" << json.size() << R"(,"bytes_out":)"
            << bytes_out << R"(,"megabytes_a_second":)"
            << static_cast<double>(bytes_in) / 1e6 / took << "}" << std::endl;
}

}  // namespace

int main() {
  measure("records", make_document(user));
  measure("links", make_document(links));
  measure("texts", make_document(text));
}
