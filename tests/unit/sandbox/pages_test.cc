// Both kinds of pages, walked as a client walks them.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/sandbox/analytics.h"
#include "tests/sandbox/encoding.h"
#include "tests/sandbox/users.h"

using namespace bearer::sandbox;
using Json = nlohmann::json;

namespace {

Request get(const std::string& query) {
  Request request;
  request.origin = "http://here:1";
  request.query = parse_form(query);
  return request;
}

Answer query(const std::string& body) {
  Request request;
  request.body = body;
  return query_conversations({}, request);
}

}  // namespace

TEST_CASE("2,450 users over 25 linked pages, each once") {
  std::set<std::string> ids;
  std::string target = "/api/v2/users?pageSize=100&pageNumber=1";
  int pages = 0;
  for (; !target.empty(); ++pages) {
    const Answer answer = list_users({}, get(target.substr(target.find('?') + 1)));
    const Json page = Json::parse(answer.body);
    CHECK(page["total"] == 2450);
    CHECK(page["pageCount"] == 25);
    for (const Json& user : page["entities"]) CHECK(ids.insert(user["id"]).second);

    const std::string next = page.value("nextUri", "");
    CHECK(page.value("next", "") == next);
    const std::string link = next.empty() ? "" : "<" + next + ">; rel=\"next\"";
    CHECK(find(answer.fields, "Link") == link);
    target = next.empty() ? "" : next.substr(std::string("http://here:1").size());
  }
  CHECK(pages == 25);
  CHECK(ids.size() == 2450);
}

TEST_CASE("links are absolute at the origin that the client named, or relative") {
  const Answer absolute = list_users({}, get("pageSize=5"));
  CHECK(find(absolute.fields, "Link") ==
        "<http://here:1/api/v2/users?pageSize=5&pageNumber=2>; rel=\"next\"");
  const Answer relative = list_users({.absolute_links = false}, get("pageSize=5"));
  CHECK(find(relative.fields, "Link") == "</api/v2/users?pageSize=5&pageNumber=2>; rel=\"next\"");
}

TEST_CASE("a page that cannot be is a 400, a page past the end is empty") {
  for (const char* text : {"pageSize=0", "pageSize=501", "pageSize=x", "pageNumber=0",
                           "pageNumber=-1", "pageNumber=99999999999999999999"}) {
    CAPTURE(text);
    CHECK(list_users({}, get(text)).status == 400);
  }
  const Json page = Json::parse(list_users({}, get("pageNumber=1000000")).body);
  CHECK(page["entities"].empty());
  CHECK_FALSE(page.contains("nextUri"));
}

TEST_CASE("the data is the same in every run of a seed, and other data of another") {
  CHECK(list_users({}, get("")).body == list_users({}, get("")).body);
  CHECK(list_users({.seed = 2}, get("")).body != list_users({}, get("")).body);
}

TEST_CASE("1,200 conversations by their cursors, each once") {
  std::set<std::string> ids;
  Json paging = {{"pageSize", 50}};
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const Answer answer = query(Json{{"interval", "a/b"}, {"paging", paging}}.dump());
    const Json page = Json::parse(answer.body);
    CHECK(page["totalHits"] == 1200);
    for (const Json& each : page["conversations"]) CHECK(ids.insert(each["conversationId"]).second);
    more = page.contains("cursor");
    if (more) paging["cursor"] = page["cursor"];
  }
  CHECK(pages == 24);
  CHECK(ids.size() == 1200);
}

TEST_CASE("a query that is none gets a 400") {
  for (const char* body :
       {"", "{", "[]", "{}", R"({"interval":1})", R"({"interval":"a","paging":1})",
        R"({"interval":"a","paging":{"pageSize":0}})",
        R"({"interval":"a","paging":{"pageSize":-5}})",
        R"({"interval":"a","paging":{"pageSize":101}})",
        R"({"interval":"a","paging":{"cursor":1}})",
        R"({"interval":"a","paging":{"cursor":""}})"}) {
    CAPTURE(body);
    CHECK(query(body).status == 400);
  }
}

TEST_CASE("a cursor that was altered is no cursor") {
  std::string cursor = Json::parse(query(R"({"interval":"a"})").body)["cursor"];
  const auto follow = [&cursor] {
    return query(Json{{"interval", "a"}, {"paging", {{"cursor", cursor}}}}.dump()).status;
  };
  CHECK(follow() == 200);
  cursor[3] = cursor[3] == 'A' ? 'B' : 'A';
  CHECK(follow() == 400);
}
