// Names the members of an answer that hold the token and its lifetime.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "token/token_response.h"

namespace bearer::token {

/// A path leads through objects. Its names are separated by dots: `data.token`. A name that
/// contains dots is found, too.
struct AnswerMembers {
  std::string token = "access_token";  ///< `.`: the whole answer is the token
  std::string expiry = "expires_in";   ///< a lifetime in seconds, or a time

  bool is_usual() const { return *this == AnswerMembers(); }
  bool operator==(const AnswerMembers&) const = default;
};

/// The text to which the path leads within an object; null if there is none.
const std::string* text_at(const nlohmann::json& body, const std::string& path);

/// The object that holds the path's member, or `body` if there is none. What belongs to a nested
/// token stands beside it.
nlohmann::json& around(nlohmann::json& body, const std::string& path);

/// As read_token(), with the members that `members` names. Errc::token_malformed also if a path
/// leads to no text or number: the error names the members that are there. If `expiry` leads
/// nowhere, the token is taken, with a remark. REQUIRES: an object.
base::Result<TokenResponse> read_token_at(nlohmann::json& body, const AnswerMembers& members,
                                          const Origin& origin, TokenUse use = TokenUse::bearer);

/// As parse_token(), with these members of an object.
base::Result<TokenResponse> parse_token_at(const base::Secret& text, const AnswerMembers& members,
                                           const Origin& origin);

}  // namespace bearer::token
