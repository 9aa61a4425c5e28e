// A token request as its endpoint wants it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "http/url.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"
#include "token/source.h"

namespace bearer::token {

struct TokenRequest {
  enum class Verb { post, get, put };  ///< a put has no body
  base::Secret authorization = {};     ///< the Authorization field's value; empty: no such field
  base::Secret form = {};              ///< the body of a post, the query of a get; may be empty
  Verb verb = Verb::post;
  std::string_view content_type = "application/x-www-form-urlencoded";  ///< of a post
  std::string_view accept = "application/json";
  /// Further fields of the head; one of these stands in place of ours of the same name.
  std::vector<std::pair<std::string, base::Secret>> fields = {};
  Prover* prover = nullptr;     ///< makes the DPoP field; null: no such field
  std::string_view nonce = {};  ///< of the proof; empty: none is known
};

/// The form as `ways` want it, with their fields: those of the file are read now, empty lines are
/// passed over. A failure (file_unreadable) names the setting. `form` keeps the values, and redacts
/// them.
base::Result<TokenRequest> make_token_request(const EndpointWays& ways, TokenForm& form,
                                              base::Secret authorization);

/// As it goes over the wire, in one allocation: growing would leave copies. `proof` is the DPoP
/// field's value; empty: no such field.
base::Secret request_text(const http::Url& url, const TokenRequest& request,
                          std::string_view proof = {});

}  // namespace bearer::token
