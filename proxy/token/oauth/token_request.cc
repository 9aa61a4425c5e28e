#include "token/oauth/token_request.h"

#include <algorithm>

#include "base/text.h"
#include "http/fields.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

using Field = std::pair<std::string, base::Secret>;

bool brings(const TokenRequest& request, std::string_view name) {
  return std::ranges::any_of(request.fields,
                             [&](const Field& field) { return base::iequals(field.first, name); });
}

/// A text of many pieces, joined once.
class Pieces {
 public:
  Pieces& operator<<(std::string_view piece) {
    pieces_.push_back(piece);
    return *this;
  }
  void field(std::string_view name, std::string_view value) {
    *this << name << ": " << value << "\r\n";
  }
  base::Secret joined() const {
    std::size_t size = 0;
    for (const std::string_view piece : pieces_) size += piece.size();
    std::string text;
    text.reserve(size);
    for (const std::string_view piece : pieces_) text.append(piece);
    return base::Secret(std::move(text));
  }

 private:
  std::vector<std::string_view> pieces_;
};

}  // namespace

base::Result<void> read_fields(const std::string& path, EndpointWays& ways) {
  constexpr const char* kSetting = "token_header_file";
  if (path.empty()) return {};
  const base::Result<base::Secret> file = read_whole_file(path, kSetting);
  if (!file) return file.error();
  for (const auto& [line, number] : http::written_lines(file->reveal())) {
    const base::Result<void> added = ways.add_field(line);
    if (added) continue;
    return unusable_file(
        path, kSetting, "is wrong in line " + std::to_string(number) + ": " + added.error().detail);
  }
  return {};
}

base::Result<TokenRequest> make_token_request(const EndpointWays& ways, TokenForm& form,
                                              base::Secret authorization) {
  const bool get = ways.method == TokenMethod::get;
  const bool json = ways.body == TokenBody::json && !get;
  const std::string_view odd = json ? form.not_text() : std::string_view();
  if (!odd.empty()) {
    return base::Error{base::Errc::file_unreadable,
                       "the token request's " + base::printable(odd, 40) +
                           " has bytes that are not UTF-8, which JSON cannot hold",
                       "correct it, or set token_body to form"};
  }
  TokenRequest request{.authorization = std::move(authorization),
                       .form = json ? form.json() : form.encoded(),
                       .verb = get ? TokenRequest::Verb::get : TokenRequest::Verb::post};
  if (json) request.content_type = "application/json";
  if (ways.members.token == ".") request.accept = "*/*";
  EndpointWays filled = ways;
  const base::Result<void> read = read_fields(ways.fields_file, filled);
  if (!read) return read.error();
  request.fields = std::move(filled.fields);
  for (const auto& [name, value] : request.fields) form.keep(value);
  return request;
}

base::Secret request_text(const http::Url& url, const TokenRequest& request,
                          std::string_view proof) {
  const bool post = request.verb == TokenRequest::Verb::post;
  const std::string_view form = request.form.reveal();
  const std::string host = url.authority(), length = std::to_string(form.size());
  Pieces text;
  const bool put = request.verb == TokenRequest::Verb::put;
  text << (post  ? "POST "
           : put ? "PUT "
                 : "GET ")
       << (url.path.starts_with('/') ? "" : "/") << url.path;
  if (!post && !put && !form.empty()) {
    text << (url.path.find('?') == std::string::npos ? "?" : "&") << form;
  }
  text << " HTTP/1.1\r\n";
  text.field("Host", host);
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty() && !brings(request, name)) text.field(name, value);
  };
  if (post) {
    add("Content-Type", request.content_type);
    text.field("Content-Length", length);
  }
  if (put) text.field("Content-Length", "0");
  add("Accept", request.accept);
  add("Accept-Encoding", "identity");
  add("User-Agent", "bearer-proxy");
  text.field("Connection", "close");
  if (!proof.empty()) text.field("DPoP", proof);
  add("Authorization", request.authorization.reveal());
  for (const auto& [name, value] : request.fields) text.field(name, value.reveal());
  text << "\r\n";
  if (post) text << form;
  return text.joined();
}

}  // namespace bearer::token
