#include "deploy/docs/config_schema.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "config/option_table.h"
#include "config/option_text.h"

namespace bearer::docs {
namespace {

using config::Kind;
using config::Option;
using config::Repeats;
using Json = nlohmann::ordered_json;

/// A switch that takes words beside on and off.
Json switch_of(std::string_view words) {
  Json values = Json::array({true, false, "on", "off"});
  while (!words.empty()) values.push_back(std::string(base::take_until(words, ',')));
  return {{"enum", values}};
}

Json type_of(const Option& option) {
  switch (option.kind) {
    case Kind::boolean:
      return option.words.empty() ? Json{{"type", "boolean"}} : switch_of(option.words);
    case Kind::count: return {{"type", "integer"}, {"minimum", 0}};
    case Kind::duration:
    case Kind::size:
    case Kind::statuses:
    case Kind::user: return {{"type", Json::array({"string", "number"})}};
    default: return {{"type", "string"}};
  }
}

/// One value, or, where a setting repeats, an array of them.
Json values_of(const Option& option) {
  Json one = type_of(option);
  if (option.repeats == Repeats::no) return one;
  Json any = Json::array({one, {{"type", "array"}, {"items", one}, {"minItems", 1}}});
  if (option.name == "token-param") {
    any.push_back({{"type", "object"}, {"additionalProperties", {{"type", "string"}}}});
  }
  return {{"anyOf", std::move(any)}};
}

Json property(const Option& option) {
  Json made{{"description", std::string(option.help)}};
  made.update(values_of(option));
  const std::string text(option.default_text);
  if (option.kind == Kind::boolean) {
    made["default"] = text == "true";
  } else if (option.kind == Kind::count && !text.empty()) {
    made["default"] = std::stoul(text);
  } else if (!text.empty()) {
    made["default"] = text;
  }
  return made;
}

/// An object of those keys that `may_stand` in it, and no others.
template <typename MayStand>
Json object_of(std::string_view description, MayStand may_stand) {
  Json properties = Json::object();
  for (const Option& option : config::option_table()) {
    if (may_stand(option)) properties[option.key()] = property(option);
  }
  return {{"type", "object"},
          {"description", std::string(description)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

bool stands_at_top(const Option& option) {
  return option.can_be(config::kKey);
}
bool stands_in_credential(const Option& option) {
  return option.can_be(config::kKey) && (option.scope & config::kCredential) != 0;
}
bool stands_in_route(const Option& option) {
  return option.can_be(config::kRouteKey) ||
         (option.can_be(config::kKey) && (option.scope & config::kRoute) != 0);
}

}  // namespace

std::string config_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "The configuration file of bearer-proxy"}};
  schema.update(object_of("Settings of the program, and the defaults of each credential and route",
                          stands_at_top));
  Json& properties = schema["properties"];
  properties["$schema"] = {{"type", "string"}};
  properties["credentials"] = {
      {"type", "object"},
      {"description", "Sources of tokens, by name"},
      {"minProperties", 1},
      {"propertyNames", {{"pattern", "^[A-Za-z0-9._-]+$"}}},
      {"additionalProperties", object_of("A source of tokens", stands_in_credential)}};
  properties["routes"] = {{"type", "array"},
                          {"description", "Which requests go where; the longest path wins"},
                          {"minItems", 1},
                          {"items", object_of("A route", stands_in_route)}};
  return schema.dump(2) + "\n";
}

}  // namespace bearer::docs
