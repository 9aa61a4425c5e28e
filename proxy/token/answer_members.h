// Names the members of an answer that hold the token and its lifetime, and finds them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace bearer::token {

/// A path leads through objects. Its names are separated by dots: `data.token`. A name that
/// contains dots is found, too.
struct AnswerMembers {
  std::string token = "access_token";  ///< `.`: the whole answer is the token
  std::string expiry = "expires_in";   ///< a lifetime in seconds, or a time

  bool is_usual() const { return *this == AnswerMembers(); }
  bool operator==(const AnswerMembers&) const = default;
};

struct Member {
  nlohmann::json* holder = nullptr;  ///< the object that holds it; null if there is no such member
  std::string name = {};
};

/// The member to which the path leads within `body`, which may be any value.
Member find_member(nlohmann::json& body, std::string_view path);

/// The text to which the path leads within an object; null if there is none.
const std::string* text_at(const nlohmann::json& body, const std::string& path);

/// The object that holds the path's member, or `body` if there is none. What belongs to a nested
/// token stands beside it.
nlohmann::json& around(nlohmann::json& body, const std::string& path);

}  // namespace bearer::token
