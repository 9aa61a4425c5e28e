#include "deploy/docs/config_schema.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "config/option_table.h"
#include "config/option_text.h"
#include "config/preset_table.h"

namespace bearer::docs {
namespace {

using config::Kind;
using config::Option;
using config::Repeats;
using Json = nlohmann::ordered_json;

void append_words(Json& values, std::string_view words) {
  while (!words.empty()) values.push_back(std::string(base::take_until(words, ',')));
}

/// A switch that takes words beside on and off.
Json switch_of(std::string_view words) {
  Json values = Json::array({true, false, "on", "off"});
  append_words(values, words);
  return {{"enum", values}};
}

Json choice_of(const Option& option) {
  Json values = Json::array();
  append_words(values, option.words);
  if (option.name == "preset") {
    for (const config::Preset& preset : config::preset_table()) {
      values.push_back(std::string(preset.name));
    }
  }
  return {{"enum", values}};
}

/// A number in its range, or a text that has the form.
Json number_or(const char* pattern, unsigned least, std::optional<unsigned> most = {}) {
  Json made{{"type", Json::array({"string", "number"})}, {"pattern", pattern}, {"minimum", least}};
  if (most) made["maximum"] = *most;
  return made;
}

Json type_of(const Option& option) {
  switch (option.kind) {
    case Kind::boolean:
      return option.words.empty() ? Json{{"type", "boolean"}} : switch_of(option.words);
    case Kind::choice: return choice_of(option);
    case Kind::count:
      return {{"type", "integer"}, {"minimum", option.least}, {"maximum", option.most}};
    case Kind::duration: return number_or("^[0-9]+([.][0-9]+)?(ms|s|m|h)?$", 0);
    case Kind::size: return number_or("^[0-9]+(KiB|MiB|GiB)?$", 0);
    case Kind::statuses:
      return number_or("^ *([45][0-9][0-9]|5[xX][xX]) *(, *([45][0-9][0-9]|5[xX][xX]) *)*$", 400,
                       599);
    case Kind::user: return number_or("^(any|[0-9]+)$", 0);
    case Kind::share: return number_or("^(0|1|0?[.][0-9]+|[01][.]0*)$", 0, 1);
    case Kind::url:
      // An egress proxy may be written without its scheme.
      if (option.user_information) return {{"type", "string"}};
      return {{"type", "string"}, {"pattern", "^[hH][tT][tT][pP][sS]?://[^/]"}};
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
