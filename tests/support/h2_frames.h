// HTTP/2 frame by frame (RFC 9113 section 4), written and read by the tests' own means, so that a
// peer may say what no library would let it say.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_hd_inflater;

namespace bearer::test {

namespace h2 {

inline constexpr std::uint8_t kData = 0, kHeaders = 1, kPriority = 2, kReset = 3, kSettings = 4,
                              kPing = 6, kGoaway = 7, kWindowUpdate = 8, kContinuation = 9;
inline constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
std::string number(std::uint32_t value);  ///< 32 bits
/// `value` for each SETTINGS id.
std::string settings(const std::map<std::uint16_t, std::uint32_t>& values = {});
/// What a client begins with: the preface and its settings.
std::string hello(const std::map<std::uint16_t, std::uint32_t>& values = {});
/// A block of fields, each literally and never indexed (RFC 7541 section 6.2.2).
std::string block(const Lines& fields);
/// The pseudo-fields of a request for a path of localhost, then `more`.
Lines request(std::string_view method, std::string_view path, const Lines& more = {});
/// HEADERS with those fields.
std::string head(std::uint32_t stream, const Lines& fields, bool ends = true);
std::string data(std::uint32_t stream, std::string_view bytes, bool ends = false);
std::string reset(std::uint32_t stream, std::uint32_t code = 8);
std::string window(std::uint32_t stream, std::uint32_t more);

}  // namespace h2

/// Reads what the other side writes.
class H2Reader {
 public:
  struct Frame {
    std::uint8_t type, flags;
    std::uint32_t stream;
    std::string payload;
    h2::Lines fields = {};  ///< of HEADERS
    bool ends() const { return type <= h2::kHeaders && (flags & h2::kEndStream) != 0; }
    /// The number that RST_STREAM holds, or GOAWAY's second.
    std::uint32_t code() const;
    std::string value(std::string_view name) const;
  };
  /// What came on one stream.
  struct Stream {
    std::vector<h2::Lines> heads;  ///< interim ones, the final one, trailers
    std::string body;
    bool ended = false;
    bool reset = false;
    std::uint32_t code = 0;                          ///< of the reset
    std::string status() const;                      ///< of the last head that has one
    std::string value(std::string_view name) const;  ///< the last of all heads
  };

  H2Reader();
  ~H2Reader();
  H2Reader(const H2Reader&) = delete;
  H2Reader& operator=(const H2Reader&) = delete;

  /// Whole frames; the rest waits for more.
  void feed(std::string_view bytes);
  const std::vector<Frame>& frames() const { return frames_; }
  /// The code of GOAWAY; -1 if there was none.
  std::int64_t goaway() const;
  const Stream& stream(std::uint32_t id) { return streams_[id]; }
  std::size_t count(std::uint8_t type) const;

 private:
  h2::Lines inflate(std::string_view block);

  std::string rest_, block_;  // of a frame, and of fields in several
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::vector<Frame> frames_;
  std::map<std::uint32_t, Stream> streams_;
};

}  // namespace bearer::test
