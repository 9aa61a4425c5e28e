// Rewrites links in a batch: a multipart body of HTTP messages (OData 4.01 section 11.7).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_links/link_rewriter.h"

namespace bearer::http {

/// Rewrites the heads of the parts and of the messages in them: the target of a request, its Host,
/// and each field whose value is a link. Rewrites the bodies of the messages by their Content-Type.
/// Parts may nest (change sets).
///
/// A rewritten body has another length than before, so its message loses its Content-Length: it
/// ends where its part ends. A part that contains no message is rewritten by its own Content-Type.
/// A head that is larger than kLinkBytesMax, or becomes so, is not changed.
class BatchLinks final : public LinkRewriter {
 public:
  /// Makes the rewriter of a message's body; null: the body is not changed.
  using Content = std::function<std::unique_ptr<LinkRewriter>(std::string_view content_type)>;

  struct Rules {
    LinkTranslation links;
    /// Maps a target or Location that is a path alone; nullopt: it is not changed.
    std::function<std::optional<std::string>(std::string_view path)> path;
    std::string from_host, to_host;  ///< a Host field's value, and its replacement
    Content content;
  };

  /// `boundary` is the result of multipart_boundary().
  BatchLinks(Rules rules, std::string_view boundary);

  Step next(std::string_view in) override;
  std::string_view finish() override;

 private:
  enum class Place {
    content,       // of a part, or the text around the parts
    part_head,     // the fields of a part
    message_head,  // start line and fields of the message in it
  };

  Step take_content(std::string_view in);
  Step take_line(std::string_view in);
  bool may_be_delimiter(std::string_view line) const;
  void pass_content(std::string_view text);
  void end_content();
  void take_delimiter(std::string_view line);
  void end_head();
  std::string rewritten_head(bool drop_length) const;
  std::optional<std::string> rewritten_reference(std::string_view text) const;
  std::optional<std::string> rewritten_start_line(std::string_view line) const;
  std::optional<std::string> rewritten_value(std::string_view name, std::string_view value) const;

  Rules rules_;
  std::vector<std::string> delimiters_;  // `--boundary`, the outermost first
  Place place_ = Place::content;
  bool line_begins_ = true;  // the content's next byte is the first of a line
  std::unique_ptr<LinkRewriter> content_;
  std::string held_;  // the content's line that may be a delimiter, or the head so far
  std::string other_;
};

}  // namespace bearer::http
