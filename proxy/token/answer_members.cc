#include "token/answer_members.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;

struct Place {
  json* object = nullptr;  ///< the object that holds the member; null if there is no such member
  std::string name;
};

/// At each level, tries the whole rest as a name first, then its part before a dot.
Place find(json& body, std::string_view path) {
  if (!body.is_object()) return {};
  const auto whole = body.find(path);
  if (whole != body.end()) return {&body, whole.key()};
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    const auto next = body.find(path.substr(0, dot));
    if (next == body.end()) continue;
    if (Place found = find(*next, path.substr(dot + 1)); found.object) return found;
  }
  return {};
}

base::Error no_use(const Origin& origin, const char* setting, const std::string& detail) {
  return {base::Errc::token_malformed, origin.subject + " " + detail,
          origin.fix + " and " + std::string(setting)};
}

/// Empty if the member is a text or a number.
std::string why_no_value(const json& value, const std::string& path) {
  if (value.is_object()) {
    return "holds an object under " + path + " (its members: " + names_of(value) +
           "), and not a value";
  }
  if (value.is_array()) return "holds an array under " + path + ", and not a value";
  return {};
}

/// Returns what a program of Google's prints instead of a token (AIP-4117), for a person.
std::string failure_in(const json& body) {
  constexpr std::size_t kCharsMax = 200;
  const auto success = body.find("success");
  if (success == body.end() || *success != false) return {};
  return base::printable(text_of(body, "message"), kCharsMax);
}

/// Puts the lifetime where read_token() looks for it. False if `path` leads to none; then what
/// stands beside the token counts.
base::Result<bool> take_expiry(json& body, json& beside, const std::string& path,
                               const Origin& origin) {
  const Place place = find(body, path);
  if (!place.object) return false;
  json& value = (*place.object)[place.name];
  const std::string why = why_no_value(value, base::printable(path, 100));
  if (!why.empty()) return no_use(origin, "expiry_member", why);
  json said = value;  // a copy, because its own place may be erased
  for (const char* usual : kLifetimeNames) beside.erase(usual);
  const bool moment =
      said.is_string() &&
      base::trim(said.get_ref<const std::string&>()).find_first_of(":T") != std::string_view::npos;
  beside[moment ? "expires_at" : "expires_in"] = std::move(said);
  return true;
}

}  // namespace

const std::string* text_at(const json& body, const std::string& path) {
  const Place place = find(const_cast<json&>(body), path);  // it only reads
  return place.object ? text_member(*place.object, place.name.c_str()) : nullptr;
}

json& around(json& body, const std::string& path) {
  const Place place = find(body, path);
  return place.object ? *place.object : body;
}

base::Result<TokenResponse> read_token_at(json& body, const AnswerMembers& members,
                                          const Origin& origin, TokenUse use) {
  if (members.is_usual()) return read_token(body, TokenMembers::access_token, origin, use);
  const std::string path = base::printable(members.token, 100);
  const Place place = find(body, members.token);
  if (!place.object) {
    const std::string failed = failure_in(body);
    if (!failed.empty()) {
      return base::Error{base::Errc::token_malformed, origin.subject + " says: " + failed,
                         origin.fix};
    }
    return no_use(origin, "token_member",
                  "holds no " + path + " (its members: " + names_of(body) + ")");
  }
  json& holder = *place.object;
  const std::string why = why_no_value(holder[place.name], path);
  if (!why.empty()) return no_use(origin, "token_member", why);
  base::Secret token = take_secret(holder, place.name.c_str());
  if (token.empty()) return no_use(origin, "token_member", "holds no text under " + path);
  std::string absent;
  if (members.expiry != AnswerMembers().expiry) {
    const base::Result<bool> taken = take_expiry(body, holder, members.expiry, origin);
    if (!taken) return taken.error();
    if (!*taken) {
      absent = "holds no " + base::printable(members.expiry, 100) +
               " (its members: " + names_of(body) + ")";
    }
  }
  take_secret(holder, "access_token");  // another token, which is not meant, is wiped
  holder["access_token"] = std::string(token.reveal());
  base::Result<TokenResponse> response =
      read_token(holder, TokenMembers::access_token, origin, use);
  if (response && !absent.empty()) {
    response->remark = origin.subject + " " + absent + ": check expiry_member";
  }
  return response;
}

base::Result<TokenResponse> parse_token_at(const base::Secret& text, const AnswerMembers& members,
                                           const Origin& origin) {
  if (members.is_usual() || members.token == ".") return parse_token(text, origin);
  json body = out_of_list(parse_answer(text.reveal()));
  return body.is_object() ? read_token_at(body, members, origin) : parse_token(text, origin);
}

}  // namespace bearer::token
