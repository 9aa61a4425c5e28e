#include "config/file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/json_mistake.h"
#include "config/option_table.h"

namespace bearer::config {
namespace {

using Json = nlohmann::ordered_json;  // credentials stay in the order of the file

/// The places where a key of the file may be.
enum class Place { top, credential, route };

bool may_stand(const Option& option, Place place) {
  switch (place) {
    case Place::top: return option.can_be(kKey);
    case Place::credential: return option.can_be(kKey) && (option.scope & kCredential) != 0;
    case Place::route:
      return option.can_be(kRouteKey) || (option.can_be(kKey) && (option.scope & kRoute) != 0);
  }
  return false;
}

/// `3:14`, both from 1.
std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return std::to_string(line) + ":" +
         std::to_string(std::max<std::size_t>(before.size() - line_start, 1));
}

/// The library's sentence without the text that it read last, which may be a secret.
std::string syntax_error(const std::string& message) {
  const std::size_t start = message.find(" - ");
  if (start == std::string::npos) return "syntax error";
  const std::string sentence = message.substr(start + 3);
  return sentence.substr(0, sentence.find("; last read"));
}

/// Finds keys that are given twice, because the first value would be lost silently.
class DuplicateKeys {
 public:
  DuplicateKeys(const std::string& file, ConfigErrors& problems)
      : file_(file), problems_(problems) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      open_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open_.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!open_.back().insert(key).second) {
        problems_.add(file_ + ": the key " + parsed.dump() + " stands twice in one block");
      }
    }
    return true;
  }

 private:
  const std::string& file_;
  ConfigErrors& problems_;
  std::vector<std::set<std::string>> open_;
};

class Reader {
 public:
  Reader(const std::string& file, ConfigErrors& problems) : file_(file), problems_(problems) {}

  FileSettings read(const Json& document) {
    FileSettings settings;
    if (!document.is_object()) {
      problems_.add(file_ + ": not a JSON object; write { \"upstream\": ... }");
      return settings;
    }
    for (const auto& [key, value] : document.items()) {
      if (key == "credentials") {
        settings.credentials = read_credentials(value);
      } else if (key == "routes") {
        settings.routes = read_routes(value);
      } else if (key == "$schema") {
        continue;  // for editors: it names deploy/docs/config.schema.json
      } else {
        read_setting(key, value, Place::top, "", settings.flat);
      }
    }
    return settings;
  }

 private:
  std::vector<Block> read_credentials(const Json& value) {
    std::vector<Block> blocks;
    if (!value.is_object() || value.empty()) {
      problems_.add(file_ + ": credentials is not an object of names: { \"NAME\": { ... } }");
      return blocks;
    }
    for (const auto& [name, members] : value.items()) {
      if (!is_name(name)) {
        problems_.add(file_ + ": credentials: the name " + Json(name).dump() +
                      " may hold only letters, digits, '-', '_' and '.'");
        continue;
      }
      blocks.push_back({"credentials." + name, name, {}});
      read_block(members, Place::credential, blocks.back());
    }
    return blocks;
  }

  std::vector<Block> read_routes(const Json& value) {
    std::vector<Block> blocks;
    if (!value.is_array() || value.empty()) {
      problems_.add(file_ + ": routes is not an array of objects: [ { \"path\": \"/\" } ]");
      return blocks;
    }
    for (const Json& members : value) {
      blocks.push_back({"routes[" + std::to_string(blocks.size()) + "]", "", {}});
      read_block(members, Place::route, blocks.back());
    }
    return blocks;
  }

  void read_block(const Json& members, Place place, Block& block) {
    if (!members.is_object()) {
      problems_.add(file_ + ": " + block.label + " is not an object");
      return;
    }
    for (const auto& [key, value] : members.items()) {
      read_setting(key, value, place, block.label, block.values);
    }
  }

  void read_setting(const std::string& key, const Json& value, Place place,
                    const std::string& block, Values& values) {
    if (names_client_secret(key)) {
      problems_.add(
          file_ + ": " + (block.empty() ? "" : block + ".") + key +
          ": a secret does not belong in this file; name the file that holds "
          "it with client_secret_file, or an environment variable with client_secret_env");
      return;
    }
    const Option* option = find_by_key(key);
    if (option == nullptr || !may_stand(*option, place)) {
      problems_.add(misplaced(key, option, place, block));
      return;
    }
    Value read{texts(*option, value, block), file_, block};
    if (!read.texts.empty()) values[option->name] = std::move(read);
  }

  static bool is_name(std::string_view name) {
    constexpr std::string_view kNameChars =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    return !name.empty() && name.find_first_not_of(kNameChars) == std::string_view::npos;
  }

  static const Option* find_by_key(const std::string& key) {
    for (const Option& option : option_table()) {
      if (option.can_be(kKey) || option.can_be(kRouteKey)) {
        if (option.key() == key) return &option;
      }
    }
    return nullptr;
  }

  std::string misplaced(const std::string& key, const Option* option, Place place,
                        const std::string& block) const {
    const std::string where = file_ + ": " + (block.empty() ? "" : block + ": ");
    if (option != nullptr) {
      const char* home = option->can_be(kRouteKey)       ? "in an entry of routes"
                         : option->scope == kGlobal      ? "at the top level"
                         : (option->scope & kRoute) != 0 ? "in a route or at the top level"
                                                         : "in a credential or at the top level";
      return where + key + " cannot stand here; it belongs " + home;
    }
    std::vector<std::string> known;
    for (const Option& candidate : option_table()) {
      if (may_stand(candidate, place)) known.push_back(candidate.key());
    }
    if (place == Place::top) known.insert(known.end(), {"credentials", "routes"});
    return where + "unknown key " + Json(key).dump() + did_you_mean(key, known);
  }

  /// The value in the form of the other spellings; empty after a problem.
  std::vector<std::string> texts(const Option& option, const Json& value,
                                 const std::string& block) {
    std::vector<std::string> texts;
    const auto take = [&](const Json& element) {
      if (auto text = scalar(option, element)) {
        texts.push_back(std::move(*text));
        return true;
      }
      problems_.add(wrong_type(option, element, block));
      return false;
    };
    if (option.name == "token-param" && value.is_object()) {
      for (const auto& [name, element] : value.items()) {
        if (!take(element)) return {};
        texts.back().insert(0, name + "=");
      }
    } else if (option.repeats != Repeats::no && value.is_array()) {
      if (value.empty()) {
        problems_.add(setting_name(option, block) + " = [] (from " + file_ +
                      "): empty; leave the key out");
      }
      for (const Json& element : value) {
        if (!take(element)) return {};
      }
    } else {
      take(value);
    }
    return texts;
  }

  static std::optional<std::string> scalar(const Option& option, const Json& value) {
    switch (option.kind) {
      case Kind::boolean:
        if (value.is_boolean()) return value.dump();
        if (!value.is_string() || option.words.empty()) return std::nullopt;
        return value.get<std::string>();
      case Kind::count:
        if (value.is_number()) return value.dump();
        return std::nullopt;
      case Kind::duration:
      case Kind::size:
      case Kind::statuses:
      case Kind::user:
      case Kind::share:
        if (value.is_number()) return value.dump();
        break;
      default: break;
    }
    if (value.is_string()) return value.get<std::string>();
    return std::nullopt;
  }

  std::string wrong_type(const Option& option, const Json& value, const std::string& block) const {
    const bool plain = value.is_primitive() && !option.secret;
    const std::string shown = plain ? value.dump() : "(" + std::string(value.type_name()) + ")";
    const char* wanted = option.kind == Kind::boolean ? "true or false, without quotes"
                         : option.kind == Kind::count ? "a number, without quotes"
                                                      : "a string, in quotes";
    return setting_name(option, block) + " = " + shown + " (from " + file_ + "): not " + wanted;
  }

  const std::string& file_;
  ConfigErrors& problems_;
};

}  // namespace

FileSettings parse_file(std::string_view text, const std::string& name, ConfigErrors& problems) {
  constexpr bool kThrow = true;
  constexpr bool kComments = true;
  if (base::json_too_deep(text)) {
    problems.add(name + ": it " + std::string(base::kJsonTooDeep));
    return {};
  }
  try {
    const Json document = Json::parse(text, DuplicateKeys(name, problems), kThrow, kComments);
    return Reader(name, problems).read(document);
  } catch (const Json::parse_error& error) {
    const std::string mistake = base::json_mistake(text, std::max<std::size_t>(error.byte, 1) - 1);
    problems.add(name + ":" + line_and_column(text, error.byte) + ": not JSON: " +
                 (mistake.empty() ? "" : mistake + "; ") + syntax_error(error.what()));
  } catch (const Json::out_of_range&) {  // not a parse_error; it has no position
    problems.add(name + ": a number in it is larger than any that can be read");
  }
  return {};
}

}  // namespace bearer::config
