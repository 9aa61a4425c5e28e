// Finds an issuer's token endpoint in its metadata document (OpenID Connect Discovery 1.0, RFC
// 8414). Pure functions.
#pragma once

#include <array>

#include "base/result.h"
#include "http/url.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

/// The URLs of an issuer's documents, in the order in which they are tried: OpenID's, then RFC
/// 8414's.
std::array<http::Url, 2> metadata_urls(const http::Url& issuer);

/// The token endpoint in a document; with `mutual_tls` its alias for clients with a certificate, if
/// there is one (RFC 8705 section 5). Errc::token_malformed: no such document, one of another
/// issuer, one without a usable token endpoint, or one that leads from https to plain http.
base::Result<http::Url> token_endpoint_in(const Answer& document, const http::Url& issuer,
                                          bool mutual_tls);

}  // namespace bearer::token
