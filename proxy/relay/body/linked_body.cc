#include "relay/body/linked_body.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/text.h"
#include "relay/admission.h"
#include "relay/route.h"

namespace bearer::relay {
namespace {

using http::FieldName;

/// `application/json`, `application/hal+json; charset=utf-8`.
bool is_json(std::string_view content_type) {
  constexpr std::string_view kSuffix = "+json";
  const std::string_view type = base::trim(base::take_until(content_type, ';'));
  if (base::iequals(type, "application/json")) return true;
  return type.size() > kSuffix.size() &&
         base::iequals(type.substr(type.size() - kSuffix.size()), kSuffix);
}

bool is_encoded(const http::FieldList& fields) {
  return std::ranges::any_of(fields, [](const http::Field& field) {
    return base::iequals(field.name, "content-encoding") && !base::iequals(field.value, "identity");
  });
}

}  // namespace

bool relinked(const Request& request, const http::ResponseHead& head) {
  constexpr int kPartialContent = 206;
  return request.route->options.rewrite_body_links && head.status != kPartialContent &&
         head.fields.count(FieldName::content_type) == 1 &&
         is_json(head.fields.value(FieldName::content_type)) && !is_encoded(head.fields);
}

bool outdated_by_relinking(const http::Field& field) {
  constexpr std::array<std::string_view, 5> kNames{"content-md5", "digest", "content-digest",
                                                   "repr-digest", "accept-ranges"};
  return field.id == FieldName::content_length ||
         std::ranges::any_of(
             kNames, [&](std::string_view name) { return base::iequals(field.name, name); });
}

LinkedBody::LinkedBody(Body& source, const Request& request, std::span<char> output)
    : source_(source),
      origin_(request.origin()),
      links_(link_map(*request.route, request.as_forward_proxy, origin_)),
      output_(output) {
  assert(output.size() >= kOutputBytesMin);
}

Body::Status LinkedBody::pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                              Gather& gather) {
  written_ = 0;
  if (!unread_.empty()) {
    unread_.consume(rewrite(unread_.bytes()));
  } else if (!source_ended()) {  // a broken connection might say a mere end when asked again
    take(stream, rest, scratch);
  }
  const bool all_read = unread_.empty();
  // There is room for it: the step that held it back gave nothing else out of the reserve.
  if (all_read && source_ended()) write(links_.finish());
  if (written_ > 0) gather.add({output_.data(), written_});
  if (!all_read) return Status::more;
  // What was held back of a body that was cut still goes out; the next pull says the bad news.
  const bool broken = status_ == Status::malformed || status_ == Status::cut;
  return broken && written_ > 0 ? Status::more : status_;
}

void LinkedBody::take(net::Stream& stream, net::Buffer& rest, std::span<char> scratch) {
  Gather data;
  status_ = source_.pull(stream, rest, scratch, data);
  for (const iovec& part : data.data()) {
    std::string_view bytes(static_cast<const char*>(part.iov_base), part.iov_len);
    bytes.remove_prefix(rewrite(bytes));
    unread_.append(bytes);
  }
}

/// Returns how much of `in` there was room for.
std::size_t LinkedBody::rewrite(std::string_view in) {
  constexpr std::size_t kReserve = http::JsonLinks::kOtherBytesMax;
  const std::size_t whole = in.size();
  while (!in.empty() && room() > kReserve) {
    const http::JsonLinks::Step step = links_.next(in.substr(0, room() - kReserve));
    write(step.same);
    write(step.other);
    in.remove_prefix(step.consumed);
  }
  return whole - in.size();
}

void LinkedBody::write(std::string_view text) {
  assert(text.size() <= room());
  text.copy(output_.data() + written_, text.size());
  written_ += text.size();
}

bool LinkedBody::source_ended() const {
  return status_ == Status::done || status_ == Status::malformed || status_ == Status::cut;
}

}  // namespace bearer::relay
