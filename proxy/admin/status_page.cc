#include "admin/status_page.h"

#include <cassert>

#include "admin/page/assets.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace bearer::admin {
namespace {

/// Puts the content into the element that was left empty for it.
void fill(std::string& html, std::string_view element, std::string_view content) {
  const std::string empty = "<" + std::string(element) + "></" + std::string(element) + ">";
  const std::size_t at = html.find(empty);
  assert(at != std::string::npos && html.find(empty, at + 1) == std::string::npos);
  html.insert(at + element.size() + 2, content);
}

std::string hash(std::string_view content) {
  return "'sha256-" + base::base64_encode(base::sha256(content)) + "'";
}

}  // namespace

Reply status_page() {
  Reply reply{.type = "text/html; charset=utf-8", .body = std::string(page::kHtml)};
  fill(reply.body, "style", page::kStyle);
  fill(reply.body, "script", page::kScript);
  reply.policy = "default-src 'none'; connect-src 'self'; img-src data:; style-src " +
                 hash(page::kStyle) + "; script-src " + hash(page::kScript) +
                 "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return reply;
}

}  // namespace bearer::admin
