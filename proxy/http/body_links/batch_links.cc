#include "http/body_links/batch_links.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "http/body_links/body_syntax.h"
#include "http/chars.h"

namespace bearer::http {
namespace {

constexpr std::size_t kDelimitersMax = 4;     // a batch, a change set, and room for more nesting
constexpr std::size_t kPaddingBytesMax = 64;  // after a delimiter

/// True for the text after a delimiter: blanks and the line's end, or a beginning of these.
bool is_padding(std::string_view text) {
  const std::size_t blanks = std::min(text.find_first_not_of(" \t"), text.size());
  const std::string_view end = text.substr(blanks);
  return text.size() <= kPaddingBytesMax &&
         (end.empty() || end == "\r" || end == "\r\n" || end == "\n");
}

bool closes(std::string_view behind_delimiter) {
  return behind_delimiter.starts_with("--");
}

/// True if `line`, which may be split anywhere, is that delimiter or its beginning.
bool may_be(std::string_view line, std::string_view delimiter) {
  if (line.size() <= delimiter.size()) return delimiter.starts_with(line);
  if (!line.starts_with(delimiter)) return false;
  std::string_view behind = line.substr(delimiter.size());
  if (behind == "-") return true;
  if (closes(behind)) behind.remove_prefix(2);
  return is_padding(behind);
}

std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Takes one line off a head, with its line end.
std::string_view take_head_line(std::string_view& head) {
  const std::size_t end = head.find('\n');
  const std::string_view line = head.substr(0, end == std::string_view::npos ? end : end + 1);
  head.remove_prefix(line.size());
  return line;
}

std::string_view field_value(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    std::string_view value = without_end(take_head_line(head));
    if (base::iequals(base::take_until(value, ':'), name)) return base::trim(value);
  }
  return {};
}

bool speaks_of_length(std::string_view name) {
  return base::iequals(name, "content-length") || base::iequals(name, "content-md5");
}

}  // namespace

BatchLinks::BatchLinks(Rules rules, std::string_view boundary) : rules_(std::move(rules)) {
  delimiters_.push_back("--" + std::string(boundary));
}

LinkRewriter::Step BatchLinks::next(std::string_view in) {
  return place_ == Place::content ? take_content(in) : take_line(in);
}

bool BatchLinks::may_be_delimiter(std::string_view line) const {
  return std::ranges::any_of(delimiters_,
                             [&](const std::string& delimiter) { return may_be(line, delimiter); });
}

LinkRewriter::Step BatchLinks::take_content(std::string_view in) {
  if (!line_begins_) {
    const std::size_t line_feed = in.find('\n');
    const bool line_ends = line_feed != std::string_view::npos;
    const std::string_view line = in.substr(0, line_ends ? line_feed + 1 : in.size());
    const Step step = content_ ? content_->next(line) : Step{line.size(), line, {}};
    line_begins_ = line_ends && step.consumed == line.size();
    return step;
  }
  for (std::size_t taken = 0; taken < in.size();) {
    held_ += in[taken++];
    const bool line_ends = held_.back() == '\n';
    if (may_be_delimiter(held_)) {
      if (!line_ends) continue;
      end_content();
      other_ += held_;
      take_delimiter(std::exchange(held_, {}));
    } else {
      line_begins_ = line_ends;
      pass_content(std::exchange(held_, {}));
    }
    return {taken, {}, other_};
  }
  return {in.size(), {}, {}};
}

/// Puts the output for these bytes of the content into other_.
void BatchLinks::pass_content(std::string_view text) {
  other_.clear();
  if (!content_) other_ = text;
  while (content_ && !text.empty()) {
    const Step step = content_->next(text);
    other_.append(step.same).append(step.other);
    text.remove_prefix(step.consumed);
  }
}

void BatchLinks::end_content() {
  other_ = content_ ? content_->finish() : std::string_view();
  content_.reset();
}

/// REQUIRES: may_be_delimiter(line), and `line` has its end.
void BatchLinks::take_delimiter(std::string_view line) {
  const auto found = std::ranges::find_if(
      delimiters_, [&](const std::string& delimiter) { return may_be(line, delimiter); });
  const bool last = closes(line.substr(found->size()));
  delimiters_.erase(last ? found : found + 1, delimiters_.end());
  place_ = last ? Place::content : Place::part_head;
  line_begins_ = true;
}

LinkRewriter::Step BatchLinks::take_line(std::string_view in) {
  const std::size_t line_feed = in.find('\n');
  const bool line_ends = line_feed != std::string_view::npos;
  const std::size_t bytes = line_ends ? line_feed + 1 : in.size();
  if (held_.size() + bytes > kLinkBytesMax) {
    place_ = Place::content;
    line_begins_ = held_.empty() || held_.ends_with('\n');
    if (held_.empty()) return next(in);
    other_ = std::exchange(held_, {});
    return {0, {}, other_};
  }
  const std::size_t begin = held_.rfind('\n') + 1;  // 0 if there is none
  held_.append(in, 0, bytes);
  if (!line_ends) return {bytes, {}, {}};
  const std::string line = held_.substr(begin);
  if (may_be_delimiter(line)) {
    held_.resize(begin);
    other_ = rewritten_head(false) + line;
    held_.clear();
    take_delimiter(line);
  } else if (without_end(line).empty()) {
    end_head();
  } else {
    return {bytes, {}, {}};
  }
  return {bytes, {}, other_};
}

/// Puts the output for the head into other_. The head is in held_, with the empty line at its end.
void BatchLinks::end_head() {
  const std::string type(field_value(held_, "content-type"));
  const bool message = place_ == Place::part_head &&
                       base::iequals(base::trim(std::string_view(type).substr(0, type.find(';'))),
                                     "application/http");
  const bool nests = place_ == Place::part_head && base::istarts_with(type, "multipart/");
  const std::string_view coding = field_value(held_, "content-encoding");
  if (nests) {
    const std::string_view boundary = multipart_boundary(type);
    const bool fit = !boundary.empty() && delimiters_.size() < kDelimitersMax;
    if (fit) delimiters_.push_back("--" + std::string(boundary));
  } else if (!message && (coding.empty() || base::iequals(coding, "identity"))) {
    content_ = rules_.content(type);
  }
  other_ = rewritten_head(message || nests || content_);
  held_.clear();
  place_ = message ? Place::message_head : Place::content;
  line_begins_ = true;
}

std::string BatchLinks::rewritten_head(bool drop_length) const {
  std::string out;
  bool start_line = place_ == Place::message_head;
  for (std::string_view head = held_; !head.empty(); start_line = false) {
    const std::string_view line = take_head_line(head);
    const std::string_view text = without_end(line);
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (!start_line && drop_length && speaks_of_length(name)) continue;
    const std::string_view end = line.substr(text.size());
    std::optional<std::string> changed;
    if (start_line) {
      changed = rewritten_start_line(text);
    } else if (place_ == Place::message_head && colon != std::string_view::npos) {
      changed = rewritten_value(name, base::trim(text.substr(colon + 1)));
      if (changed) changed->insert(0, std::string(name) + ": ");
    }
    out.append(changed ? *changed : text).append(end);
  }
  constexpr std::size_t kGrownBytesMax = kOtherBytesMax - kLinkBytesMax;  // a line may follow
  return out.size() > kGrownBytesMax ? held_ : out;
}

/// Rewrites a target or a value that is a link or a path.
std::optional<std::string> BatchLinks::rewritten_reference(std::string_view text) const {
  if (text.starts_with('/')) return rules_.path(text);
  const bool link = !text.empty() && may_begin_link(text, rules_.links.origins);
  return link ? rules_.links.translate(text) : std::nullopt;
}

std::optional<std::string> BatchLinks::rewritten_start_line(std::string_view line) const {
  if (base::istarts_with(line, "http/")) return std::nullopt;  // the start line of a response
  std::string_view rest = line;
  const std::string_view method = base::take_until(rest, ' ');
  const std::string_view target = rest.substr(0, rest.rfind(' '));
  const std::optional<std::string> changed = rewritten_reference(target);
  if (!changed) return std::nullopt;
  return std::string(method).append(" ").append(*changed).append(rest.substr(target.size()));
}

std::optional<std::string> BatchLinks::rewritten_value(std::string_view name,
                                                       std::string_view value) const {
  if (base::iequals(name, "host")) {
    const bool ours = !rules_.from_host.empty() && base::iequals(value, rules_.from_host);
    return ours ? std::optional(rules_.to_host) : std::nullopt;
  }
  const bool location = base::iequals(name, "location") || base::iequals(name, "content-location");
  if (value.starts_with('/') && !location) return std::nullopt;
  return rewritten_reference(value);
}

std::string_view BatchLinks::finish() {
  if (place_ == Place::content) {
    end_content();
    other_ += std::exchange(held_, {});
  } else {
    other_ = std::exchange(held_, {});
  }
  return other_;
}

}  // namespace bearer::http
