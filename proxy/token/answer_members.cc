#include "token/answer_members.h"

#include <nlohmann/json.hpp>

#include "token/json.h"

namespace bearer::token {

using nlohmann::json;

// At each level, it tries the whole rest as a name first, then its part before a dot.
Member find_member(json& body, std::string_view path) {
  if (!body.is_object()) return {};
  const auto whole = body.find(path);
  if (whole != body.end()) return {&body, whole.key()};
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    const auto next = body.find(path.substr(0, dot));
    if (next == body.end()) continue;
    if (Member found = find_member(*next, path.substr(dot + 1)); found.holder) return found;
  }
  return {};
}

const std::string* text_at(const json& body, const std::string& path) {
  const Member member = find_member(const_cast<json&>(body), path);  // it only reads
  return member.holder ? text_member(*member.holder, member.name.c_str()) : nullptr;
}

json& around(json& body, const std::string& path) {
  const Member member = find_member(body, path);
  return member.holder ? *member.holder : body;
}

}  // namespace bearer::token
