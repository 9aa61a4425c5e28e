#include "tests/sandbox/token_script.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using nlohmann::json;

struct Named {
  std::string_view name;
  ScriptedAnswer scripted;
};

constexpr Milliseconds kSlow{3000};

/// Token endpoints are known to answer these on a bad day.
const std::vector<Named>& named_answers() {
  static const std::vector<Named> kNames = {
      {"429",
       {Answer{.status = 429,
               .body = R"({"error":"temporarily_unavailable"})",
               .fields = {{"Retry-After", "1"}}}}},
      // Genesys Cloud says it with a 400 and without a Retry-After.
      {"400-rate-limit",
       {Answer{.status = 400,
               .body = R"({"error":"invalid_request","description":"rate limit exceeded",)"
                       R"("error_description":"rate limit exceeded"})"}}},
      {"500", {Answer{.status = 500, .body = R"({"error":"server_error"})"}}},
      {"503", {Answer{.status = 503, .fields = {{"Retry-After", "1"}}}}},
      {"slow", {.answer = std::nullopt, .delay = kSlow}},
      {"html",
       {Answer{.body = "<html><body>We will be back soon</body></html>", .type = "text/html"}}},
      {"truncated", {Answer{.body = R"({"access_token":"abc","token_ty)"}}},
      {"bad-token",
       {Answer{.body = R"({"access_token":"a b\r\nX-Injected: 1","token_type":"bearer",)"
                       R"("expires_in":60})"}}},
      {"not-bearer",
       {Answer{.body = R"({"access_token":"abc","token_type":"mac","expires_in":60})"}}},
      {"reset", {Answer{.reset = true}}},
  };
  return kNames;
}

ScriptedAnswer by_name(std::string_view name) {
  std::string known;
  for (const Named& named : named_answers()) {
    if (named.name == name) return named.scripted;
    known += (known.empty() ? "" : ", ") + std::string(named.name);
  }
  throw std::invalid_argument("no token answer is called '" + std::string(name) +
                              "'; there are: " + known);
}

ScriptedAnswer by_object(const json& object) {
  ScriptedAnswer scripted{.answer = std::nullopt,
                          .delay = Milliseconds(object.value("delay_ms", 0))};
  if (!object.contains("status")) return scripted;
  Answer answer{.status = object.at("status"), .body = object.value("body", "")};
  answer.type = object.value("type", answer.type);
  const json fields = object.value("fields", json::object());
  for (const auto& [name, value] : fields.items()) {
    answer.fields.emplace_back(name, value.get<std::string>());
  }
  scripted.answer = std::move(answer);
  return scripted;
}

}  // namespace

void TokenScript::append(std::string_view array) {
  std::vector<ScriptedAnswer> answers;
  try {
    for (const json& element : json::parse(array).get<std::vector<json>>()) {
      answers.push_back(element.is_string() ? by_name(element.get<std::string>())
                                            : by_object(element));
    }
  } catch (const json::exception& error) {
    throw std::invalid_argument(error.what());
  }
  append_all(std::move(answers));
}

void TokenScript::append_names(std::string_view list) {
  std::vector<ScriptedAnswer> answers;
  while (!list.empty()) {
    answers.push_back(by_name(take_until(list, ',')));
  }
  append_all(std::move(answers));
}

std::optional<ScriptedAnswer> TokenScript::next() {
  const std::lock_guard lock(mutex_);
  if (answers_.empty()) return std::nullopt;
  ScriptedAnswer scripted = std::move(answers_.front());
  answers_.pop_front();
  return scripted;
}

void TokenScript::append_all(std::vector<ScriptedAnswer> answers) {
  const std::lock_guard lock(mutex_);
  std::move(answers.begin(), answers.end(), std::back_inserter(answers_));
}

}  // namespace bearer::sandbox
