#include "tests/sandbox/files.h"

#include <algorithm>
#include <stdexcept>

#include "tests/sandbox/chance.h"
#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 40;

/// Bytes of a file, from `first` to before `end`.
struct Range {
  std::uint64_t first, end;
};

/// RFC 9110 section 14.1.2, one range of bytes. nullopt: the field is to be ignored. `first` is not
/// before `end` where no byte of a file of that size is meant.
std::optional<Range> parse_range(std::string_view text, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit) || text.find(',') != std::string_view::npos) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const auto first = parse_number(take_until(text, '-'));
  const auto last = parse_number(text);
  if (!first && !last) return std::nullopt;
  if (!first) return Range{size - std::min(*last, size), size};
  return Range{*first, last ? std::min(*last + 1, size) : size};
}

std::string make_etag(std::uint64_t size) {
  return "\"pattern-" + std::to_string(size) + "\"";
}

std::string make_digest(std::uint64_t size) {
  Digest digest;
  for (std::uint64_t at = 0; at < size;) {
    const std::string_view block = pattern_from(at).substr(0, size - at);
    digest.add(block);
    at += block.size();
  }
  return "sha-256=:" + encode_base64(digest.finish()) + ":";
}

/// The part that the request asks for; nullopt: all of it.
std::optional<Range> asked_for(const Request& request, std::uint64_t size) {
  const bool is_another = !request.if_range.empty() && request.if_range != make_etag(size);
  return is_another ? std::nullopt : parse_range(request.range, size);
}

std::uint64_t parse_count(std::string_view text) {
  const auto count = parse_number(text);
  if (!count) throw std::invalid_argument("not a number");
  return *count;
}

}  // namespace

CutOptions parse_cuts(std::string_view text) {
  CutOptions options;
  while (!text.empty()) {
    std::string_view value = take_until(text, ',');
    const std::string_view name = take_until(value, '=');
    if (name == "times") {
      options.times = parse_count(value);
    } else if (name == "seed") {
      options.seed = parse_count(value);
    } else {
      throw std::invalid_argument("'" + std::string(name) + "': write times=5,seed=7");
    }
  }
  return options;
}

Answer Files::answer(const Request& request) {
  const auto size = parse_number(request.path.substr(request.path.rfind('/') + 1));
  if (!size || *size > kSizeMax) {
    return {.status = 400,
            .body = R"({"message":"the path must end with a number of bytes","status":400})"};
  }
  Answer answer{.type = "application/octet-stream"};
  answer.fields = {{"ETag", make_etag(*size)}, {"Accept-Ranges", "bytes"}};
  const auto range = asked_for(request, *size);
  if (range && range->first >= range->end) {
    return {.status = 416, .fields = {{"Content-Range", "bytes */" + std::to_string(*size)}}};
  }
  if (range) {
    answer.status = 206;
    answer.fields.emplace_back("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                                    std::to_string(range->end - 1) + "/" +
                                                    std::to_string(*size));
  }
  if (*size <= kDigestMax) answer.fields.emplace_back("Repr-Digest", make_digest(*size));
  answer.pattern_start = range ? range->first : 0;
  answer.pattern_size = (range ? range->end : *size) - answer.pattern_start;
  if (request.method == "GET") answer.cut = draw_cut(request, *size, answer);
  return answer;
}

std::optional<Cut> Files::draw_cut(const Request& request, std::uint64_t size,
                                   const Answer& answer) {
  const std::lock_guard lock(mutex_);
  ranges_ += answer.status == 206;
  std::uint64_t& made = cuts_made_[request.target];
  std::optional<Cut> cut;
  while (made < options_.times && !cut) {
    const Cut next = cut_at(request.target, size, made);
    if (next.after >= answer.pattern_start + answer.pattern_size) break;
    ++made;
    // A part that the client has already is not cut any more.
    if (next.after < answer.pattern_start) continue;
    cut = {next.after - answer.pattern_start, next.resets};
  }
  cut_ += cut.has_value();
  bytes_ += cut ? cut->after : answer.pattern_size;
  return cut;
}

Cut Files::cut_at(std::string_view target, std::uint64_t size, std::uint64_t n) const {
  const std::uint64_t chance = mix(mix(options_.seed ^ hash(target)) + n);
  const double part = static_cast<double>(size) / static_cast<double>(options_.times);
  const double at = (static_cast<double>(n) + unit(chance)) * part;
  return {static_cast<std::uint64_t>(at), mix(chance) % 2 == 0};
}

nlohmann::ordered_json Files::to_json() const {
  const std::lock_guard lock(mutex_);
  return {{"cut", cut_}, {"ranges", ranges_}, {"bytes", bytes_}};
}

}  // namespace bearer::sandbox
